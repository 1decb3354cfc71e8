import type { Delta, LogLine, RequestView, Snapshot, TimingSample } from '../types';

/** Maximum number of log lines per source. The run has the same maximum. */
const MAX_LOGS = 1500;
const MAX_SAMPLES = 2000;

export type Link = 'connecting' | 'live' | 'lost';

/** State of the run in the page. After an update, parts that have not changed are the same objects. */
export interface LiveState {
  readonly link: Link;
  readonly data: Snapshot | undefined;
  readonly requestsByKey: ReadonlyMap<string, RequestView>;
}

const EMPTY: LiveState = { link: 'connecting', data: undefined, requestsByKey: new Map() };

/** Follows the run by server-sent events. The browser reconnects automatically. */
export class LiveStore {
  private state = EMPTY;
  private readonly listeners = new Set<() => void>();

  public readonly get = (): LiveState => this.state;

  public readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  public connect(url: string): void {
    const source = new EventSource(url);
    source.addEventListener('snapshot', (event) => this.set(withSnapshot(JSON.parse(event.data) as Snapshot)));
    source.addEventListener('delta', (event) => this.set(withDelta(this.state, JSON.parse(event.data) as Delta)));
    source.addEventListener('error', () => this.set({ ...this.state, link: 'lost' }));
  }

  private set(state: LiveState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

export function withSnapshot(data: Snapshot): LiveState {
  return { link: 'live', data, requestsByKey: new Map(data.requests.map((request) => [request.key, request])) };
}

export function withDelta(state: LiveState, delta: Delta): LiveState {
  const { data } = state;
  if (!data) return state;
  const requestsByKey = delta.requests ? merged(state.requestsByKey, delta.requests) : state.requestsByKey;
  return {
    link: 'live',
    requestsByKey,
    data: {
      ...data,
      connections: delta.connections ?? data.connections,
      functions: delta.functions ?? data.functions,
      queues: delta.queues ?? data.queues,
      requests: delta.requests ? [...requestsByKey.values()] : data.requests,
      samples: appended<TimingSample>(data.samples, delta.samples, MAX_SAMPLES),
      logs: delta.logs ? withLines(data.logs, delta.logs) : data.logs,
      requestsSeen: delta.requestsSeen ?? data.requestsSeen,
      redrive: delta.redrive ?? data.redrive,
    },
  };
}

function merged(known: ReadonlyMap<string, RequestView>, { changed, removed }: NonNullable<Delta['requests']>) {
  const requests = new Map(known);
  for (const key of removed) requests.delete(key);
  for (const request of changed) requests.set(request.key, request);
  return requests;
}

/** Adds log lines. If a source then has more than the maximum, its oldest lines are removed. */
export function withLines(known: readonly LogLine[], added: readonly LogLine[], max = MAX_LOGS): LogLine[] {
  const counts = new Map<string, number>();
  return [...known, ...added]
    .reverse()
    .filter(({ source }) => {
      const count = (counts.get(source) ?? 0) + 1;
      counts.set(source, count);
      return count <= max;
    })
    .reverse();
}

function appended<T>(known: readonly T[], added: readonly T[] | undefined, max: number): readonly T[] {
  return added ? [...known, ...added].slice(-max) : known;
}
