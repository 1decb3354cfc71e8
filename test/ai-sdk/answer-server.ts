import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** Events while an answer is written. */
export interface Script {
  /** Number of log entries after which all connections are cut. @default - no cut */
  readonly cutAfter?: number;
  /** Number of log entries after which the attempt is lost, and another one writes the answer again. @default - no loss */
  readonly lostAfter?: number;
  /** Number of log entries after which the handler waits, so that a test can act. @default - it does not wait */
  readonly waitAfter?: number;
}

type Entry = Record<string, unknown> & { readonly type: string };
interface Answer {
  readonly id: string;
  readonly chatId: string;
  readonly log: Entry[];
  readonly viewers: Set<WebSocket>;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLED';
  attempt: number;
}

const MESSAGE = 'The quick brown fox jumps over the lazy dog and then it sleeps for a while in the sun .'.split(' ');
export const TEXT = `${MESSAGE.join(' ')} `;
/** Entries of one undisturbed attempt: its marker, the chunks, and the result. */
export const ENTRIES = MESSAGE.length + 4;

const CHUNKS: readonly object[] = [
  { type: 'start' },
  { type: 'text-start', id: 't' },
  ...MESSAGE.map((word) => ({ type: 'text-delta', id: 't', delta: `${word} ` })),
  { type: 'text-end', id: 't' },
];

/** A server of chats that follows PROTOCOL.md as far as the transport needs it. Each message is answered with the same text. */
export class AnswerServer {
  public readonly received: { readonly type: string }[] = [];
  private readonly answers = new Map<string, Answer>();
  private script: Script = {};
  private resume: () => void = () => undefined;
  private resumed = Promise.resolve();

  private constructor(private readonly server: WebSocketServer) {
    server.on('connection', (socket) => {
      socket.on('message', (data) => this.receive(socket, JSON.parse(String(data))));
      socket.on('close', () => {
        for (const { viewers } of this.answers.values()) viewers.delete(socket);
      });
    });
  }

  public static async start(): Promise<AnswerServer> {
    const handleProtocols = () => 'streamer.v1';
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols });
    await once(server, 'listening');
    return new AnswerServer(server);
  }

  public get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Sets the script of the next answer. */
  public follow(script: Script): void {
    this.script = script;
    this.resumed = new Promise((resolve) => {
      this.resume = resolve;
    });
    this.received.length = 0;
  }

  /** Continues an answer that waits, or that will wait. */
  public continue(): void {
    this.resume();
  }

  public close(): void {
    for (const socket of this.server.clients) socket.terminate();
    this.server.close();
  }

  private receive(socket: WebSocket, message: Record<string, unknown> & { readonly type: string }): void {
    this.received.push(message);
    for (const frame of this.answersTo(socket, message)) socket.send(JSON.stringify(frame));
  }

  private answersTo(socket: WebSocket, message: Record<string, unknown> & { readonly type: string }): object[] {
    const { type, id } = message as { type: string; id: string };
    if (type === 'list') return [{ type: 'requests', id, requests: this.running() }];
    if (type === 'ping') return [{ type: 'pong' }];
    if (type === 'request' && !this.answers.has(id)) this.begin(id, message.input as { chatId: string });
    const answer = this.answers.get(id);
    if (!answer)
      return [{ type: 'error', id, for: type, error: { code: 'NOT_FOUND', message: 'None.', retryable: false } }];
    const { log, status } = answer;
    const ack = { type: 'ack', id, status, run: 1, epoch: 'e', ref: 'r', offset: log.length };
    if (type === 'cancel') {
      const error = { code: 'CANCELLED', message: 'Cancelled.', retryable: false };
      setImmediate(() => this.end(answer, { type: 'error', error }, 'CANCELLED'));
      return [{ ...ack, for: 'cancel' }];
    }
    answer.viewers.add(socket);
    return [type === 'attach' ? { ...ack, recovered: true, entries: log.slice(Number(message.offset)) } : ack];
  }

  private running() {
    const running = [...this.answers.values()].filter(({ status }) => status === 'RUNNING');
    return running.map(({ id, attempt }) => ({
      ...{ id, attempt, action: 'chat', status: 'RUNNING', createdAt: 1, epoch: 'e', ref: 'r', run: 1 },
    }));
  }

  private begin(id: string, { chatId }: { readonly chatId: string }): void {
    const answer: Answer = { id, chatId, log: [], viewers: new Set(), status: 'RUNNING', attempt: 1 };
    this.answers.set(id, answer);
    void this.write(answer, this.script);
  }

  private async write(answer: Answer, script: Script): Promise<void> {
    const entries: Entry[] = [this.marker(answer), ...CHUNKS.map((chunk) => this.batch(answer, chunk))];
    for (const entry of entries) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (answer.status !== 'RUNNING') return;
      this.append(answer, entry);
      const { length } = answer.log;
      if (length === script.waitAfter) await this.resumed;
      if (length === script.cutAfter) for (const socket of this.server.clients) socket.terminate();
      if (length === script.lostAfter && answer.attempt === 1) {
        answer.attempt = 2;
        return this.write(answer, script);
      }
    }
    if (answer.status === 'RUNNING') this.end(answer, { type: 'result', result: null }, 'COMPLETED');
  }

  private marker({ attempt }: Answer): Entry {
    return { type: 'event', name: '$attempt', run: 1, attempt, fence: attempt, data: { attempt, run: 1 } };
  }

  private batch({ id, attempt }: Answer, chunk: object): Entry {
    const named = 'type' in chunk && chunk.type === 'start' ? { ...chunk, messageId: id } : chunk;
    const data = { run: 1, slice: 1, attempt, chunks: [named] };
    return { type: 'event', name: 'ui-chunks', run: 1, attempt, fence: attempt, data };
  }

  private end(answer: Answer, entry: Entry, status: Answer['status']): void {
    if (answer.status !== 'RUNNING') return;
    answer.status = status;
    this.append(answer, { ...entry, run: 1 });
  }

  private append(answer: Answer, entry: Entry): void {
    const stored = { ...entry, id: answer.id, offset: answer.log.length };
    answer.log.push(stored);
    for (const viewer of answer.viewers) viewer.send(JSON.stringify(stored));
  }
}
