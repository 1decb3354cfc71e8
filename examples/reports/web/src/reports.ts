import type { ConnectionState, RequestOptions, StateDetail, StreamerClient } from 'cdk-streamer-client';
import type { Actions, ReportInput } from './actions';
import {
  type Change,
  changed,
  type Entry,
  hasEnded,
  isFinished,
  listedEntry,
  merged,
  newEntry,
  type Problem,
} from './entry';
import { type History, newestFirst } from './history';
import { isLocal, problemOf } from './problems';

/** Data that the page shows. Each change creates a new object. */
export interface View {
  connection: ConnectionState;
  /** Reason why there is no connection. */
  connectionProblem?: Problem;
  /** Whether the device has no network. When the network is back, the client reconnects. */
  offline: boolean;
  /** Duration of the last `echo` in milliseconds. */
  roundTrip?: number;
  /** Requests, newest first. */
  entries: Entry[];
  /** Requests that this page stopped waiting for, although they may still run. */
  interrupted: ReadonlyMap<string, Problem>;
  /** Requests that this page has asked the server to stop, and that have not ended yet. */
  stopping: ReadonlySet<string>;
  /** Requests that have not read the answer of this page yet. */
  answering: ReadonlySet<string>;
}

export type ReportsClient = Pick<
  StreamerClient<Actions>,
  'request' | 'attach' | 'requests' | 'cancel' | 'send' | 'on' | 'connect' | 'state'
>;

export interface Surroundings {
  client: ReportsClient;
  history: History;
  /** Returns milliseconds since the epoch. */
  now: () => number;
  newId: () => string;
}

/** State of the page, which does not depend on React. The client updates the connection and the history. */
export class Reports {
  private view: View;
  private readonly listeners = new Set<() => void>();
  private readonly watched = new Set<string>();

  constructor(private readonly around: Surroundings) {
    const { client, history } = around;
    const entries = history.all();
    const sets = { interrupted: new Map(), stopping: new Set<string>(), answering: new Set<string>() };
    this.view = { connection: client.state, offline: false, entries, ...sets };
    client.on('state', (state, detail) => this.onConnection(state, detail));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): View => this.view;

  /** Connects and continues to watch the unfinished requests of the history. */
  resume(): void {
    this.update({ connectionProblem: undefined, interrupted: new Map() });
    this.around.client.connect().catch(() => {}); // the listener of the state gets the reason
    this.watchAll();
  }

  /** Reads the result of a request that ended before this browser saw it, when it is shown. */
  readonly show = (id: string): void => {
    const entry = this.find(id);
    if (entry) this.watch(entry);
  };

  /** Requests a report; returns the id of its entry. */
  start(input: ReportInput): string {
    this.around.history.prune();
    const entry = newEntry(this.around.newId(), input, this.around.now());
    this.put(entry);
    this.watch(entry);
    return entry.id;
  }

  /** Waits again for a request in `interrupted`. */
  retry(id: string): void {
    const interrupted = new Map(this.view.interrupted);
    interrupted.delete(id);
    this.update({ interrupted });
    const entry = this.find(id);
    if (entry) this.watch(entry);
  }

  /**
   * Stops a request for all pages that watch it. The end of the request arrives through its log, as for any other
   * request.
   */
  async stop(id: string): Promise<void> {
    this.update({ stopping: new Set(this.view.stopping).add(id) });
    try {
      await this.around.client.cancel(id, 'Stopped by the user.');
    } catch (error) {
      this.notStopping(id);
      this.update({ interrupted: new Map(this.view.interrupted).set(id, problemOf(error)) });
    }
  }

  /** Answers the question of a report. The first answer from any device counts, and becomes an event of the report's log. */
  async answer(id: string, approved: boolean): Promise<void> {
    this.update({ answering: new Set(this.view.answering).add(id) });
    try {
      await this.around.client.send('generate_report', id, 'approval', { approved });
    } catch (error) {
      this.notAnswering(id);
      const problem = problemOf(error);
      // The report has ended, and its end will arrive.
      if (problem.code === 'REQUEST_ENDED') return;
      this.update({ interrupted: new Map(this.view.interrupted).set(id, problem) });
    }
  }

  private notStopping(id: string): void {
    if (this.view.stopping.has(id)) this.update({ stopping: without(this.view.stopping, id) });
  }

  private notAnswering(id: string): void {
    if (this.view.answering.has(id)) this.update({ answering: without(this.view.answering, id) });
  }

  /** Removes a request from the history. If the request runs, it continues. */
  remove(id: string): void {
    this.around.history.remove(id);
    this.update({ entries: this.view.entries.filter((entry) => entry.id !== id) });
  }

  /** Handles a change by another tab and merges its entries. */
  storageChanged(key: string | null): void {
    if (!this.around.history.concerns(key)) return;
    const stored = this.around.history.all();
    this.update({ entries: stored.map((entry) => this.joined(entry)) });
    this.watchAll();
  }

  private joined(stored: Entry): Entry {
    const mine = this.find(stored.id);
    return mine ? merged(mine, stored) : stored;
  }

  private watchAll(): void {
    for (const entry of this.view.entries) if (!hasEnded(entry)) this.watch(entry);
  }

  /** Adds the newest requests of other devices of this user. */
  private async adopt(): Promise<void> {
    const { client, history } = this.around;
    const { requests } = await client.requests({ action: 'generate_report' });
    for (const entry of requests.filter(({ id }) => !history.knows(id)).flatMap((row) => listedEntry(row) ?? []))
      this.put(entry);
    this.watchAll();
  }

  private watch(entry: Entry): void {
    if (isFinished(entry) || this.watched.has(entry.id)) return;
    this.watched.add(entry.id);
    const endOf = () => (hasEnded(entry) ? undefined : this.around.now());
    this.ask(entry)
      .then((result) => this.change(entry.id, { type: 'done', result, at: endOf() }))
      .catch((error: unknown) => this.failed(entry.id, problemOf(error)))
      .finally(() => {
        this.watched.delete(entry.id);
        this.notStopping(entry.id);
        this.notAnswering(entry.id);
      });
  }

  /**
   * Attaches to a request or sends it. An entry with an epoch is known to the server. An entry without one is sent
   * again with the same id and input.
   */
  private ask(entry: Entry) {
    const { client } = this.around;
    const listeners = this.listenersOf(entry.id);
    if (entry.epoch === undefined)
      return client.request('generate_report', entry.input, { id: entry.id, ...listeners });
    const { id, status, offset, epoch, ref, run, attempt, fence, percentage } = entry;
    const position = { id, status, offset, epoch, ref, run, attempt, fence, percentage };
    return client.attach('generate_report', position, listeners);
  }

  private listenersOf(id: string): Omit<RequestOptions<Actions['generate_report']>, 'id'> {
    return {
      onProgress: (progress) => this.change(id, { type: 'progress', progress }),
      onEvent: (event) => {
        if (event.name === 'section') this.change(id, { type: 'section', section: event.data });
        if (event.name === 'approval') this.change(id, { type: 'asked', approval: event.data });
        if (event.name === 'answer') this.answered(id);
      },
      onState: (snapshot) => this.change(id, { type: 'state', snapshot }),
      onReset: () => this.change(id, { type: 'reset' }),
    };
  }

  private answered(id: string): void {
    this.notAnswering(id);
    this.change(id, { type: 'answered' });
  }

  private failed(id: string, problem: Problem): void {
    if (!isLocal(problem)) this.change(id, { type: 'failed', error: problem, at: this.around.now() });
    else this.update({ interrupted: new Map(this.view.interrupted).set(id, problem) });
  }

  private change(id: string, change: Change): void {
    const entry = this.find(id);
    if (!entry) return;
    const next = changed(entry, change);
    if (next !== entry) this.put(next);
  }

  private put(entry: Entry): void {
    const stored = this.around.history.save(entry);
    const others = this.view.entries.filter(({ id }) => id !== entry.id);
    this.update({ entries: [stored, ...others].sort(newestFirst) });
  }

  private find(id: string): Entry | undefined {
    return this.view.entries.find((entry) => entry.id === id);
  }

  private onConnection(connection: ConnectionState, { error, offline = false }: StateDetail): void {
    // during the next attempt to connect, the error of the last attempt stays visible
    if (connection === 'connecting') this.update({ connection });
    else this.update({ connection, offline, connectionProblem: error && !offline ? problemOf(error) : undefined });
    if (connection !== 'connected') return;
    this.measure();
    // without the list, the page shows only the requests that this browser has stored
    this.adopt().catch(() => {});
  }

  private measure(): void {
    const { client, now } = this.around;
    const began = now();
    client
      .request('echo', { text: 'hello' })
      .then(() => this.update({ roundTrip: now() - began }))
      .catch(() => this.update({ roundTrip: undefined }));
  }

  private update(change: Partial<View>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.listeners) listener();
  }
}

const without = (ids: ReadonlySet<string>, id: string): ReadonlySet<string> =>
  new Set([...ids].filter((each) => each !== id));
