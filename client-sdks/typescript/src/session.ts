import { StreamerError } from './errors';
import { parseFrame } from './frames';
import { encodeMessage } from './input';
import { LiveRequest, type LiveRequestOptions, type Surroundings } from './live-request';
import type { Json, RequestFrame, ServerFrame } from './messages';
import { CLOSE } from './protocol';
import type { RequestState } from './request-state';
import { isTopicFrame, TopicSession } from './topic-session';

export interface SessionOptions extends Omit<Surroundings, 'send' | 'done'> {
  /** Sends text over the connection, if there is one. */
  send(text: string): void;
  /** Whether an expired token can be replaced; if so, `renew` opens a new connection. */
  readonly canRenew: boolean;
  renew(): void;
}

/** The requests of a client that wait for their outcome, across its connections. */
export class Session {
  private readonly requests = new Map<string, LiveRequest>();
  /** Its subscriptions and publishes. */
  readonly topics: TopicSession;
  private isOpen = false;
  private lastSent: Pick<LiveRequest, 'failIfUnanswered'> | undefined;
  private readonly around: Surroundings;

  constructor(private readonly options: SessionOptions) {
    this.around = {
      ...options,
      send: (message, request) => this.send(message, request),
      done: (request) => this.remove(request),
    };
    this.topics = new TopicSession({ ...options, send: (text, publish) => this.sendText(text, publish) });
  }

  /**
   * @returns the promise of the result
   * @throws StreamerError `DUPLICATE_REQUEST`
   */
  add(state: RequestState, text: string | undefined, options: LiveRequestOptions): Promise<Json> {
    if (this.requests.has(state.id)) {
      throw new StreamerError('DUPLICATE_REQUEST', 'This client already waits for the request with that id.');
    }
    const request = new LiveRequest(state, text, options, this.around);
    this.requests.set(state.id, request);
    request.start();
    if (this.isOpen) request.opened();
    return request.promise;
  }

  opened(): void {
    this.isOpen = true;
    for (const request of [...this.requests.values()]) request.opened();
    this.topics.opened();
  }

  lost(closeCode: number): void {
    this.isOpen = false;
    if (closeCode === CLOSE.tooLarge || closeCode === CLOSE.unsupportedData) {
      this.lastSent?.failIfUnanswered(
        new StreamerError('MESSAGE_TOO_LARGE', 'The server closed the connection because of this message.'),
      );
    }
    this.lastSent = undefined;
    for (const request of [...this.requests.values()]) request.lost();
    this.topics.lost();
  }

  received(data: unknown): void {
    const frame = parseFrame(data);
    if (frame && isExpiry(frame) && this.options.canRenew) this.options.renew();
    else if (frame && isTopicFrame(frame)) this.topics.received(frame);
    else if (frame && 'id' in frame && frame.id !== undefined)
      this.requests.get(frame.id)?.received(frame as RequestFrame);
  }

  failAll(error: StreamerError): void {
    for (const request of [...this.requests.values()]) request.fail(error);
    this.topics.failAll(error);
  }

  private send(message: { readonly text: string } | { readonly attach: object }, request: LiveRequest): void {
    if ('text' in message) this.sendText(message.text, request);
    else this.sendText(encodeMessage(message.attach));
  }

  /** @param sender whom to blame if the connection ends because of it */
  private sendText(text: string, sender?: Pick<LiveRequest, 'failIfUnanswered'>): void {
    this.lastSent = sender;
    this.options.send(text);
  }

  private remove(request: LiveRequest): void {
    this.requests.delete(request.id);
  }
}

/** The connection's token has expired: a new connection with a new token serves all requests again. */
function isExpiry(frame: ServerFrame): boolean {
  return frame.type === 'error' && frame.offset === undefined && frame.error.code === 'TOKEN_EXPIRED';
}
