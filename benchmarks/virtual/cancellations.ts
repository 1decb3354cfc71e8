import { decodeRequest, isTerminal, type LogEntry, logKey, type RequestItem, requestKey } from '../../lambda-src/core';
import { type Connection, connect } from '../../lambda-src/flows/connect/connection';
import type { Deps } from '../../lambda-src/flows/ports';
import { acceptRequest } from '../../lambda-src/flows/requests/accept';
import { attach } from '../../lambda-src/flows/requests/attach';
import { answerCancel } from '../../lambda-src/flows/requests/cancel';
import type { LogFrame } from '../../lambda-src/protocol';
import { SimulatedViewer } from '../../test/lambda-src/flows/simulation/simulated-viewer';
import type { Invocation } from './invocation';
import { type Context, runAny } from './random-handlers';
import { ACTION, MAX_ATTEMPTS, VirtualWorld } from './world';

/** States in which a request is cancelled. */
export const STATES = ['before_claim', 'waiting', 'running', 'between_attempts', 'between_slices'] as const;
type State = (typeof STATES)[number];

export interface Tally {
  /** Acknowledged cancellations of requests that had not ended, by the state of the request. */
  readonly cancels: Record<State, number>;
  /** Milliseconds from each acknowledgment to the signal of a handler that ran. */
  readonly signalMs: number[];
  ranAfter: number;
  retriedAfter: number;
  /** Requests whose log does not have exactly one end. */
  terminalNotOne: number;
  /** Cancelled requests whose final status is not CANCELLED. */
  otherEnds: number;
  /** Viewers whose frames differ from the log. */
  viewersDiffer: number;
  crashes: number;
}

export const emptyTally = (): Tally => ({
  cancels: { before_claim: 0, waiting: 0, running: 0, between_attempts: 0, between_slices: 0 },
  signalMs: [],
  ranAfter: 0,
  retriedAfter: 0,
  terminalNotOne: 0,
  otherEnds: 0,
  viewersDiffer: 0,
  crashes: 0,
});

const USERS = 6;
const REQUESTS = 120;
/** All requests are sent within this time. */
const SEND_MS = 60_000;
/** Longest time from the acceptance of a request to its cancellation. */
const CANCEL_MS = 90_000;
const AGAIN_MS = 1_000;
/** Maximum time from the acknowledgment to the end of the user's code. */
const STOP_MS = 2_000;
/** Time after the end of the last request, in which the functions finish their work. */
const REST_MS = 10_000;
const CRASH_CHANCE = 0.004;
const CAP = 6;

/** An attempt whose handler runs. */
interface Running {
  readonly invocation: Invocation;
  signalledAt?: number;
  /** Time of the acknowledged cancellation. */
  cancelledAt?: number;
  isOver?: boolean;
}

/**
 * Users send requests of one action, and cancel each request at a random time from one of two connections. Handlers report, never report, ignore their signal,
 * wait for messages, fail, or continue in slices. Processes of all functions end at random calls.
 */
export class CancelWorld {
  private readonly world: VirtualWorld;
  private readonly running = new Map<string, Set<Running>>();
  private readonly requests = new Map<string, RequestItem>();
  private readonly cancelled = new Map<string, number>();
  private readonly viewers: SimulatedViewer[] = [];
  private answered = 0;

  public constructor(
    seed: number,
    private readonly tally: Tally,
  ) {
    this.world = new VirtualWorld({
      seed,
      maxConcurrency: 50,
      caps: [{ scope: 'user', max: CAP }],
      crashChance: CRASH_CHANCE,
      handler: (invocation, context) => this.handle(invocation, context as unknown as Context),
      post: async (to, frame) => this.receive(to, frame),
      onWrite: (request) => this.observe(request),
    });
  }

  /** Runs until each request has ended, and adds the observations to the tally. */
  public async run(): Promise<void> {
    const { clock, random } = this.world;
    for (let n = 0; n < REQUESTS; n++) {
      const connections = connectionsOf(n);
      for (const connection of connections) await quickly(this.world, connect(this.world.deps, connection));
      clock.setTimeout(() => void this.send(`r${n}`, connections), random() * SEND_MS);
    }
    const isOver = () => this.answered === REQUESTS && this.world.endedCount >= REQUESTS && this.running.size === 0;
    await clock.runUntil(isOver);
    // If a process ended before it finished its work, other functions finish this work after the end of the request.
    let isAtRest = false;
    clock.setTimeout(() => {
      isAtRest = true;
    }, REST_MS);
    await clock.runUntil(() => isAtRest);
    for (const request of this.requests.values()) await quickly(this.world, this.check(request));
    this.tally.crashes += this.world.crashes;
  }

  /** Sends a request until it is acknowledged, lets another connection attach, and cancels the request later. */
  private async send(id: string, [first, second]: readonly Connection[]): Promise<void> {
    const { clock, random } = this.world;
    const viewer = this.viewerOf(first, id);
    const message = { type: 'request', id, action: ACTION, input: {} } as const;
    viewer.takeAck(await this.until((deps) => acceptRequest(deps, first, message, { maxAttempts: MAX_ATTEMPTS })));
    const wait = random() < 0.3 ? random() * 3_000 : random() * CANCEL_MS;
    clock.setTimeout(() => void this.cancel(id, random() < 0.5 ? first : second), wait);
    await clock.sleep(random() * wait);
    const other = this.viewerOf(second, id);
    other.takeAck(await this.until((deps) => attach(deps, second, { type: 'attach', id, offset: 0 })));
  }

  private viewerOf(connection: Connection, id: string): SimulatedViewer {
    const viewer = new SimulatedViewer(connection, id);
    this.viewers.push(viewer);
    return viewer;
  }

  private receive(to: string, text: string): 'sent' {
    const frame = JSON.parse(text) as LogFrame;
    const viewer = this.viewers.find(({ connection, id }) => connection.connectionId === to && id === frame.id);
    if (frame.offset !== undefined) viewer?.take(frame);
    return 'sent';
  }

  private async cancel(id: string, by: Connection): Promise<void> {
    const before = this.requests.get(requestKey(by, id)) as RequestItem;
    const ack = await this.until((deps) => answerCancel(deps, by, { type: 'cancel', id }));
    this.answered++;
    if (ack.status !== 'CANCELLED' && ack.status !== 'RUNNING') return;
    const { clock } = this.world;
    this.tally.cancels[stateOf(before)]++;
    this.cancelled.set(before.requestKey, clock.now());
    for (const each of this.attemptsOf(before.requestKey)) {
      each.cancelledAt = clock.now();
      if (each.signalledAt !== undefined) this.tally.signalMs.push(0);
    }
    clock.setTimeout(() => {
      this.tally.ranAfter += this.attemptsOf(before.requestKey).length;
    }, STOP_MS);
  }

  private attemptsOf(key: string): Running[] {
    return [...(this.running.get(key) ?? [])].filter(({ invocation }) => !invocation.dead);
  }

  /** Calls a function until it answers, as a client does. */
  private async until<T>(work: (deps: Deps) => Promise<T>): Promise<T> {
    for (;;) {
      const answer = await this.world.invoke(work);
      if (answer !== 'crashed') return answer;
      await this.world.clock.sleep(AGAIN_MS);
    }
  }

  private observe(request: RequestItem): void {
    const before = this.requests.get(request.requestKey);
    this.requests.set(request.requestKey, request);
    const isClaim = before !== undefined && request.fence !== before.fence;
    if (isClaim && this.cancelled.has(request.requestKey)) this.tally.retriedAfter++;
  }

  // the user's code

  private async handle(invocation: Invocation, context: Context): Promise<unknown> {
    const { clock, random } = this.world;
    const key = requestKey(ownerOf(Number(context.request.id.slice(1))), context.request.id);
    const attempt: Running = { invocation, cancelledAt: this.cancelled.get(key) };
    if (clock.now() > (attempt.cancelledAt ?? clock.now()) + STOP_MS) this.tally.ranAfter++;
    const signal = context.signal as AbortSignal;
    signal.addEventListener('abort', () => this.signalled(attempt));
    this.add(key, attempt);
    void invocation.ended.then(() => this.remove(key, attempt));
    try {
      return await runAny({ context, invocation, clock, random, ms: 1_000 + random() * 60_000 });
    } finally {
      this.remove(key, attempt);
    }
  }

  private add(key: string, attempt: Running): void {
    this.running.set(key, (this.running.get(key) ?? new Set()).add(attempt));
  }

  private remove(key: string, attempt: Running): void {
    attempt.isOver = true;
    const attempts = this.running.get(key);
    attempts?.delete(attempt);
    if (attempts?.size === 0) this.running.delete(key);
  }

  private signalled(attempt: Running): void {
    const { clock } = this.world;
    attempt.signalledAt = clock.now();
    if (attempt.cancelledAt !== undefined && !attempt.isOver) {
      this.tally.signalMs.push(clock.now() - attempt.cancelledAt);
    }
  }

  // the end

  private async check(request: RequestItem): Promise<void> {
    const { deps } = this.world;
    const item = decodeRequest((await deps.store.get('requests', { requestKey: request.requestKey })) ?? {});
    const partition = logKey(item);
    const log = (await deps.store.query({ table: 'events', partition, from: 0 })) as unknown as LogEntry[];
    if (log.filter(({ kind }) => kind === 'end').length !== 1 || !isTerminal(item.status)) this.tally.terminalNotOne++;
    if (this.cancelled.has(item.requestKey) && item.status !== 'CANCELLED') this.tally.otherEnds++;
    const reader = new SimulatedViewer({ ...connectionsOf(0)[0], ...item, connectionId: `reader-${item.id}` }, item.id);
    await connect(deps, reader.connection);
    await this.readToEnd(reader);
    for (const viewer of this.viewers.filter(({ id }) => id === item.id)) {
      await this.readToEnd(viewer);
      const isSame = JSON.stringify(viewer.delivered) === JSON.stringify(reader.delivered);
      if (!isSame || viewer.delivered.length !== log.length) this.tally.viewersDiffer++;
    }
  }

  private async readToEnd(viewer: SimulatedViewer): Promise<void> {
    const { connection, id } = viewer;
    const message = () => ({ type: 'attach', id, offset: viewer.expected }) as const;
    while (viewer.takeAck(await attach(this.world.deps, connection, message())));
  }
}

/** Runs the clock until the work is finished. */
async function quickly(world: VirtualWorld, work: Promise<unknown>): Promise<void> {
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  await world.clock.runUntil(() => isDone);
  await work;
}

const ownerOf = (n: number) => ({ tenant: 't', user: `u${n % USERS}` });

/** Connections of a request's user. */
function connectionsOf(n: number): readonly [Connection, Connection] {
  const connection = (device: string) => ({ ...ownerOf(n), connectionId: `${device}${n % USERS}`, connectedAt: 1 });
  return [connection('page'), connection('phone')];
}

function stateOf({ status, fence, attempt, continued = 0 }: RequestItem): State {
  if (status === 'RUNNING') return 'running';
  if (status === 'WAITING') return 'waiting';
  if (fence === 0) return 'before_claim';
  return attempt === 0 && continued > 0 ? 'between_slices' : 'between_attempts';
}
