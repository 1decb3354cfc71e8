import { Cancels } from './request/cancels';
import { InputSession } from './request/input-session';
import { LiveRequest, type LiveRequestOptions, type PrepareText, type RequestHost } from './request/live-request';
import type { RequestState } from './request/request-state';
import { LiveCalls } from './resend/live-call';
import type { Sender } from './resend/pace';
import { isTopicFrame, TopicSession } from './topic/topic-session';
import { encodeMessage } from './wire/encode';
import { StreamerError } from './wire/errors';
import { parseFrame } from './wire/frames';
import type {
  CancelAckFrame,
  GatewayFrame,
  InputAckFrame,
  Json,
  RefusalFrame,
  RequestFrame,
  RequestsFrame,
  ServerFrame,
  UploadAckFrame,
} from './wire/messages';
import { CLOSE, isTerminal } from './wire/protocol';

export interface SessionOptions extends Omit<RequestHost, 'send' | 'done' | 'answers' | 'isOpen'> {
  /** Sends a string over the connection, if there is one. */
  send(text: string): void;
  /** Whether an expired token can be replaced. If so, `renew` opens a new connection. */
  readonly canRenew: boolean;
  renew(): void;
  /** Called when nothing needs the previous connection any more. */
  moved(): void;
}

/** The pending requests of a client. They continue over any number of connections. */
export class Session {
  private readonly requests = new Map<string, LiveRequest>();
  /** Requests that have ended on this connection, if the application wants a notification of their next run. */
  private readonly ended = new Map<string, LiveRequest>();
  private readonly cancels: Cancels;
  /** The subscriptions and publishes of the client. */
  readonly topics: TopicSession;
  private readonly lists: LiveCalls<RequestsFrame>;
  private readonly uploads: LiveCalls<UploadAckFrame>;
  /** The messages of the client to running requests. */
  readonly inputs: InputSession;
  private isOpen = false;
  private isMoving = false;
  /** Messages that wait for an answer. The message that was sent last is at the end. */
  private readonly senders = new Set<Sender>();
  private lastSent: Sender | undefined;
  /** Number of answers to pings. A pong or a frame of API Gateway counts as an answer, because both show that the connection works. */
  private answers = 0;
  private readonly around: RequestHost;

  constructor(private readonly options: SessionOptions) {
    const shared = {
      ...options,
      answers: () => this.answers,
      done: (sender: Sender) => {
        this.senders.delete(sender);
        this.checkMoved();
      },
    };
    this.around = {
      ...shared,
      isOpen: () => this.isOpen,
      send: (message, request) =>
        this.sendText('text' in message ? message.text : encodeMessage(message.attach), request),
      done: (request) => {
        this.requests.delete(request.id);
        shared.done(request);
        if (request.awaitsRedrive) this.ended.set(request.id, request);
        this.cancels.release(request.id);
        this.inputs.release(request.id);
      },
    };
    const calls = { ...shared, send: (text: string, sender: Sender) => this.sendText(text, sender) };
    this.cancels = new Cancels(calls, (id) => this.requests.get(id)?.isAccepted === false);
    this.topics = new TopicSession(calls);
    this.lists = new LiveCalls(calls);
    this.uploads = new LiveCalls(calls);
    this.inputs = new InputSession(calls, (id) => this.requests.get(id)?.isAccepted === false);
  }

  /** Sends a `cancel` until it is answered. */
  cancel(id: string, text: string): Promise<CancelAckFrame> {
    return this.cancels.cancel(id, text);
  }

  /** Sends a `list` until it is answered. */
  list(id: string, text: string): Promise<RequestsFrame> {
    return this.lists.call(id, text);
  }

  /** Sends an `upload` until it is answered. */
  upload(id: string, text: string): Promise<UploadAckFrame> {
    return this.uploads.call(id, text);
  }

  /**
   * Adds a request. @returns the promise of the result
   * @throws StreamerError `DUPLICATE_REQUEST`
   */
  add(state: RequestState, text: string | PrepareText | undefined, options: LiveRequestOptions): Promise<Json> {
    if (this.requests.has(state.id)) {
      throw new StreamerError('DUPLICATE_REQUEST', 'This client already waits for the request with that id.');
    }
    const request = new LiveRequest(state, text, options, this.around);
    this.requests.set(state.id, request);
    this.ended.delete(state.id);
    request.start();
    if (this.isOpen) request.opened();
    return request.promise;
  }

  opened(): void {
    this.isOpen = true;
    for (const request of [...this.requests.values()]) request.opened();
    this.cancels.opened();
    this.topics.opened();
    this.lists.opened();
    this.uploads.opened();
    this.inputs.opened();
  }

  /**
   * Moves everything to the current connection, while the previous one still delivers frames. Requests and subscriptions attach from their next offsets; the other
   * messages are sent again under the same ids. `renews`: the previous connection refuses messages.
   */
  move(renews: boolean): void {
    this.isMoving = true;
    this.ended.clear();
    for (const request of [...this.requests.values()]) request.moveOn(renews);
    this.cancels.opened();
    this.topics.move(renews);
    this.lists.opened();
    this.uploads.opened();
    this.inputs.opened();
    this.checkMoved();
  }

  /** Sends the unanswered messages of the previous connection again, over the current connection. */
  overdue(): void {
    for (const request of [...this.requests.values()]) request.overdue();
    this.topics.overdue();
    this.checkMoved();
  }

  private checkMoved(): void {
    if (!this.isMoving || this.topics.isMoving) return;
    if ([...this.requests.values()].some(({ isMoving }) => isMoving)) return;
    this.isMoving = false;
    this.options.moved();
  }

  lost(closeCode: number): void {
    this.isOpen = false;
    this.isMoving = false;
    this.ended.clear();
    if (closeCode === CLOSE.tooLarge || closeCode === CLOSE.unsupportedData) {
      this.lastSent?.failIfUnanswered?.(
        new StreamerError('MESSAGE_TOO_LARGE', 'The server closed the connection because of this message.'),
      );
    }
    this.lastSent = undefined;
    for (const request of [...this.requests.values()]) request.lost();
    this.cancels.lost();
    this.topics.lost();
    this.lists.lost();
    this.uploads.lost();
    this.inputs.lost();
  }

  /** @param isPrevious whether the frame came over the previous connection */
  received(data: unknown, isPrevious: boolean): void {
    const frame = parseFrame(data);
    if (!frame) return;
    const isOfConnection =
      frame.type === 'gateway' || frame.type === 'pong' || (isExpiry(frame) && this.options.canRenew);
    if (!isOfConnection) this.onMessage(frame as ServerFrame, isPrevious);
    else if (!isPrevious) this.onConnectionFrame(frame);
    // The previous connection refuses messages, because its token has expired.
    else if (frame.type === 'error') this.overdue();
    this.checkMoved();
  }

  private onConnectionFrame(frame: ServerFrame | GatewayFrame): void {
    if (frame.type === 'gateway') this.onGateway(frame);
    else if (frame.type === 'pong') this.answers += 1;
    else this.options.renew();
  }

  private onMessage(frame: ServerFrame, isPrevious: boolean): void {
    if (frame.type === 'requests') this.lists.answered(frame.id, frame);
    else if (isUploadAck(frame)) this.uploads.answered(frame.id, frame);
    else if (isInputAck(frame)) this.inputs.acknowledged(frame.id);
    else if (isRefusal(frame) && frame.for === 'list') this.lists.refused(frame);
    else if (isRefusal(frame) && frame.for === 'input') this.inputs.refused(frame);
    else if (isRefusal(frame) && (frame.for ?? 'upload') === 'upload' && this.uploads.refused(frame)) return;
    else if (isCancelFrame(frame)) this.onCancelFrame(frame);
    else if (!isTopicFrame(frame)) this.onRequestFrame(frame as RequestFrame, isPrevious);
    else if (isPrevious) this.topics.receivedBefore(frame);
    else this.topics.received(frame);
  }

  failAll(error: StreamerError): void {
    // The messages fail before the requests, because the end of a request sends the messages that wait for its acknowledgment.
    this.inputs.failAll(error);
    for (const request of [...this.requests.values()]) request.fail(error);
    this.cancels.failAll(error);
    this.topics.failAll(error);
    this.lists.failAll(error);
    this.uploads.failAll(error);
  }

  private onRequestFrame(frame: RequestFrame, isPrevious: boolean): void {
    const request = this.requests.get(frame.id);
    if (request) this.onOwnFrame(request, frame, isPrevious);
    else if (this.ended.get(frame.id)?.redriven(frame)) this.ended.delete(frame.id);
    // The id of a refusal may also be that of a list or of a publish.
    else if (isRefusal(frame) && !this.lists.refused(frame) && !this.inputs.refused(frame)) this.topics.received(frame);
  }

  private onOwnFrame(request: LiveRequest, frame: RequestFrame, isPrevious: boolean): void {
    request.received(frame, isPrevious);
    if (!request.isAccepted) return;
    this.cancels.release(request.id);
    this.inputs.release(request.id);
  }

  private onCancelFrame(frame: CancelAckFrame | RefusalFrame): void {
    this.cancels.received(frame);
    // The answer to the cancel is not part of the log, so the request still reads its end from the log.
    if (frame.type === 'ack' && isTerminal(frame.status)) this.requests.get(frame.id)?.ended(frame.status);
  }

  private onGateway({ throttled }: GatewayFrame): void {
    if (!throttled) this.answers += 1;
    // The frame names no message. Most likely it concerns the unanswered message that was sent last.
    else [...this.senders].reverse().some((sender) => sender.throttled());
  }

  /** Sends a frame. @param sender the message that fails if the connection ends because of this frame */
  private sendText(text: string, sender: Sender): void {
    this.senders.delete(sender);
    this.senders.add(sender);
    this.lastSent = sender;
    this.options.send(text);
  }
}

const isUploadAck = (frame: ServerFrame): frame is UploadAckFrame => frame.type === 'ack' && frame.for === 'upload';
const isInputAck = (frame: ServerFrame): frame is InputAckFrame => frame.type === 'ack' && frame.for === 'input';
const isCancelFrame = (frame: ServerFrame): frame is CancelAckFrame | RefusalFrame =>
  'for' in frame && frame.for === 'cancel';

const isRefusal = (frame: ServerFrame): frame is RefusalFrame => frame.type === 'error' && frame.offset === undefined;

/** Whether the frame reports that the connection's token has expired. A new connection with a new token then serves all requests again. */
function isExpiry(frame: ServerFrame): boolean {
  return isRefusal(frame) && !frame.ran && frame.error.code === 'TOKEN_EXPIRED';
}
