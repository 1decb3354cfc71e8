/** The members of a connection that the server uses. */
export interface ServerSocket {
  post(frame: object): void;
}

type Message = { type: string; id: string; topic: string; offset?: number; input?: unknown; data?: unknown };

interface Log {
  readonly entries: object[];
  readonly viewers: Set<ServerSocket>;
  run?: 'RUNNING' | 'COMPLETED';
}

const PAGE = 5;
const OWNED = { epoch: 'e', ref: 'ref', run: 1 };

/**
 * A small correct server of async requests, sync requests and topics. Posts go to all viewers of a log; a viewer is registered before its log is read. A sync
 * request (`input: 'sync'`) is answered only over the connection on which it came.
 */
export class VirtualServer {
  readonly requests = new Map<string, Log>();
  readonly topics = new Map<string, Log>();
  /** Number of runs of each sync request. */
  readonly syncRuns = new Map<string, number>();
  /** Connections whose token has expired. Their messages are refused, but they still receive frames. */
  readonly expired = new Set<ServerSocket>();
  private readonly published = new Set<string>();
  private readonly pending = new Map<string, ServerSocket>();

  receive(socket: ServerSocket, message: Message): void {
    const { type, id, topic } = message;
    if (this.expired.has(socket)) {
      const error = { code: 'TOKEN_EXPIRED', message: 'Expired.', retryable: false };
      socket.post({ type: 'error', id, topic, for: type, error });
    } else if (type === 'ping') socket.post({ type: 'pong' });
    else if (type === 'request') this.onRequest(socket, message);
    else if (type === 'attach') this.attach(socket, id, message.offset ?? 0);
    else if (type === 'subscribe') this.subscribe(socket, topic, message.offset);
    else if (type === 'unsubscribe') {
      this.topics.get(topic)?.viewers.delete(socket);
      socket.post({ type: 'ack', for: 'unsubscribe', topic });
    } else if (type === 'publish') {
      if (!this.published.has(id)) this.publish(topic, message.data);
      this.published.add(id);
      socket.post({ type: 'ack', for: 'publish', id, topic });
    }
  }

  /** Appends an event to the log of a request. */
  emit(id: string): void {
    const log = this.requests.get(id);
    if (log?.run !== 'RUNNING') return;
    const offset = log.entries.length;
    this.append(log, { type: 'event', id, offset, run: 1, attempt: 1, fence: 1, name: 'row', data: { n: offset } });
  }

  /** Ends a request with the number of its entries as the result. */
  complete(id: string): void {
    const log = this.requests.get(id);
    if (log?.run !== 'RUNNING') return;
    log.run = 'COMPLETED';
    this.append(log, { type: 'result', id, offset: log.entries.length, run: 1, result: log.entries.length });
  }

  publish(topic: string, data: unknown): void {
    const log = this.topicOf(topic);
    this.append(log, { type: 'message', topic, epoch: 'e', offset: log.entries.length, data });
  }

  /** Answers the sync requests that wait. */
  answerSync(): void {
    for (const [id, socket] of this.pending) socket.post({ type: 'response', id, result: 'answer' });
    this.pending.clear();
  }

  forget(socket: ServerSocket): void {
    for (const log of [...this.requests.values(), ...this.topics.values()]) log.viewers.delete(socket);
    for (const [id, waiting] of this.pending) if (waiting === socket) this.pending.delete(id);
  }

  private onRequest(socket: ServerSocket, { id, input }: Message): void {
    if (input === 'sync') {
      this.syncRuns.set(id, (this.syncRuns.get(id) ?? 0) + 1);
      this.pending.set(id, socket);
      return;
    }
    const known = this.requests.get(id);
    if (known) {
      this.attach(socket, id, 0);
      return;
    }
    this.requests.set(id, { entries: [], viewers: new Set([socket]), run: 'RUNNING' });
    socket.post({ type: 'ack', id, status: 'PENDING', offset: 0, ...OWNED });
  }

  private attach(socket: ServerSocket, id: string, from: number): void {
    const log = this.requests.get(id);
    if (!log) return;
    log.viewers.add(socket);
    socket.post({ type: 'ack', id, status: log.run, recovered: true, ...OWNED, ...page(log, from) });
  }

  private subscribe(socket: ServerSocket, topic: string, from: number | undefined): void {
    const log = this.topicOf(topic);
    log.viewers.add(socket);
    const known = { type: 'ack', for: 'subscribe', topic, epoch: 'e' };
    socket.post(
      from === undefined ? { ...known, offset: log.entries.length } : { ...known, recovered: true, ...page(log, from) },
    );
  }

  private topicOf(topic: string): Log {
    const log = this.topics.get(topic) ?? { entries: [], viewers: new Set() };
    this.topics.set(topic, log);
    return log;
  }

  private append(log: Log, entry: object): void {
    log.entries.push(entry);
    for (const viewer of log.viewers) viewer.post(entry);
  }
}

function page({ entries }: Log, from: number): object {
  const offset = Math.min(from + PAGE, entries.length);
  return {
    entries: entries.slice(from, offset),
    offset: Math.max(from, offset),
    ...(offset < entries.length && { more: true }),
  };
}
