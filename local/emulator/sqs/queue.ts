import { randomUUID } from 'node:crypto';
import { type Clock, systemClock, type Timer } from '../types';
import { Deduplication } from './deduplication';
import { sha256 } from './digests';
import { DueHeap } from './due-heap';
import { handleUnavailable, messageNotInFlight, overLimit } from './errors';
import { GroupLoad } from './group-load';
import { decodeReceipt, newMessage, type Origin, receivedMessage, sendResult } from './message';
import type { KeptQueue, QueueKeeper } from './queue-state';
import { ReadyGroups } from './ready-groups';
import { checkSend } from './send-rules';
import type { QueueDepth, QueueSpec, ReceivedMessage, SendInput, SendResult, StoredMessage } from './types';

const MAX_IN_FLIGHT = 120_000;
const byOrder = (a: StoredMessage, b: StoredMessage) => a.order - b.order || a.sequence - b.sequence;
const MAX_VISIBILITY_MS = 12 * 3_600_000;

export interface QueueOptions {
  readonly arn: string;
  readonly senderId: string;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /** Returns the dead-letter queue, which receives messages that failed too often. */
  readonly deadLetters?: () => Queue | undefined;
  readonly onDeadLetter?: (messageId: string) => void;
  /** Persistent storage of the queue's contents. @default - only in memory */
  readonly keeper?: QueueKeeper;
}

/** A queue with visible, delayed and in-flight messages. It notifies listeners when a message becomes visible. */
export class Queue {
  public readonly arn: string;
  private readonly clock: Clock;
  private readonly newId: () => string;
  private readonly ready = new ReadyGroups();
  private readonly due = new DueHeap();
  private readonly load = new GroupLoad();
  private readonly deduplication = new Deduplication();
  private readonly byReceipt = new Map<string, StoredMessage>();
  private readonly listeners = new Set<() => void>();
  private delayed = 0;
  private nextSequence = 1;
  private nextOrder = 1;
  private timer: { readonly at: number; readonly handle: Timer } | undefined;

  public constructor(
    public spec: QueueSpec,
    private readonly options: QueueOptions,
  ) {
    this.arn = options.arn;
    this.clock = options.clock ?? systemClock;
    this.newId = options.newId ?? randomUUID;
  }

  public get name(): string {
    return this.spec.queueName;
  }
  /** Adds a message, which becomes visible after its delay. @throws SqsError as SendMessage does */
  public send(input: SendInput): SendResult {
    checkSend(this.spec, input);
    const now = this.clock.now();
    const deduplicationId = this.deduplicationIdOf(input);
    const scoped = this.scoped(deduplicationId, input.groupId);
    const earlier = scoped === undefined ? undefined : this.deduplication.find(scoped, now);
    if (earlier) return earlier;
    const message = newMessage(input, this.origin(deduplicationId, now));
    const result = sendResult(message, this.spec.fifo);
    message.visibleAt = now + (input.delayMs ?? this.spec.delayMs);
    this.options.keeper?.added(message, scoped);
    if (scoped !== undefined) this.deduplication.remember(scoped, now, result);
    this.enqueue(message);
    return result;
  }

  /**
   * Receives up to `max` visible messages without waiting. Other receivers do not get them for `visibilityMs`.
   *
   * @throws SqsError `OverLimit` if 120,000 messages are in flight
   */
  public receive(max: number, visibilityMs: number = this.spec.visibilityTimeoutMs): ReceivedMessage[] {
    const now = this.clock.now();
    this.release(now);
    if (this.load.inFlight >= MAX_IN_FLIGHT) throw overLimit('The maximum number of in flight messages is reached.');
    const received: ReceivedMessage[] = [];
    const blocked = this.spec.fifo ? this.groupsInFlight() : new Set<string | undefined>();
    while (received.length < max) {
      const message = this.nextMessage(now, blocked);
      if (!message) break;
      const deadLetters = this.isExhausted(message) ? this.options.deadLetters?.() : undefined;
      if (deadLetters) this.giveUp(message, deadLetters);
      else received.push(this.deliver(message, now, visibilityMs));
    }
    this.arm();
    return received;
  }

  /**
   * Deletes a received message. A handle of an earlier receive is accepted but has no effect.
   *
   * @throws SqsError `ReceiptHandleIsInvalid` if the handle is invalid
   */
  public delete(receiptHandle: string): void {
    const message = this.find(receiptHandle);
    if (!message) return;
    const now = this.clock.now();
    this.release(now);
    if (message.state === 'inFlight') this.load.ended(message.groupId, now, now - message.receivedAt);
    this.remove(message);
    // The next message of the FIFO group may be delivered now.
    if (this.spec.fifo && this.ready.headOf(message.groupId)) this.notify();
  }

  /**
   * Sets the time from now after which a received message becomes visible again.
   *
   * @throws SqsError `ReceiptHandleIsInvalid`, `MessageNotInflight` or `InvalidParameterValue`
   */
  public changeVisibility(receiptHandle: string, visibilityMs: number): void {
    const message = this.find(receiptHandle);
    const now = this.clock.now();
    this.release(now);
    if (!message) throw handleUnavailable(receiptHandle);
    if (message.state !== 'inFlight') throw messageNotInFlight();
    message.visibleAt = Math.min(now + visibilityMs, message.receivedAt + MAX_VISIBILITY_MS);
    this.options.keeper?.changed(message);
    this.due.add(message);
    this.release(now);
    this.arm();
    if (this.ready.size > 0) this.notify();
  }

  public purge(): void {
    for (const message of this.ready.all()) this.remove(message);
    for (const message of this.byReceipt.values()) {
      if (message.state === 'inFlight') this.load.ended(message.groupId, this.clock.now(), 0);
      this.remove(message);
    }
    for (let message = this.due.takeDue(Number.POSITIVE_INFINITY); message; ) {
      if (message.state === 'delayed') this.delayed--;
      this.remove(message);
      message = this.due.takeDue(Number.POSITIVE_INFINITY);
    }
  }

  public depth(): QueueDepth {
    const now = this.clock.now();
    this.release(now);
    for (const message of this.ready.all()) if (this.isExpired(message, now)) this.remove(message);
    return { visible: this.ready.size, inFlight: this.load.inFlight, delayed: this.delayed };
  }

  /** Number of visible messages. It includes expired messages that are not yet removed. */
  public backlog(): number {
    this.release(this.clock.now());
    return this.ready.size;
  }

  /** Returns all messages of the queue, oldest first, without receiving them. */
  public contents(): Readonly<StoredMessage>[] {
    this.release(this.clock.now());
    // a message that is due at two times is included once
    const messages = new Set([...this.ready.all(), ...this.due.waiting()]);
    return [...messages].sort((a, b) => a.sentAt - b.sentAt || a.sequence - b.sequence);
  }

  /** Calls the listener whenever a message may have become visible. @returns a function that removes the listener */
  public onAvailable(listener: () => void): () => void {
    this.listeners.add(listener);
    this.arm();
    return () => this.listeners.delete(listener);
  }

  /** Returns the contents of the queue in the format for {@link restore}. */
  public kept(): KeptQueue {
    const { nextSequence, deduplication } = this;
    return { nextSequence, messages: this.contents(), deduplication: deduplication.entries(this.clock.now()) };
  }

  /** Restores the contents of an earlier run. A message in flight stays in flight until its visibility timeout ends. */
  public restore({ nextSequence, messages, deduplication }: KeptQueue): void {
    this.nextSequence = nextSequence;
    for (const { id, at, result } of deduplication) this.deduplication.remember(id, at, result);
    for (const message of [...messages].sort(byOrder)) this.putBack({ ...message });
    this.release(this.clock.now());
  }

  public close(): void {
    this.listeners.clear();
    this.clock.clearTimeout(this.timer?.handle);
    this.timer = undefined;
  }

  private putBack(message: StoredMessage): void {
    if (message.receiveCount > 0) this.byReceipt.set(message.messageId, message);
    if (message.state === 'inFlight') this.load.started(message.groupId);
    if (message.state === 'delayed') this.delayed++;
    if (message.state === 'ready') this.makeReady(message);
    else this.due.add(message);
  }

  private deduplicationIdOf(input: SendInput): string | undefined {
    if (!this.spec.fifo) return undefined;
    return input.deduplicationId ?? sha256(input.body);
  }

  /** Returns a deduplication id with its scope: the whole queue, or its message group. */
  private scoped(deduplicationId: string | undefined, groupId: string | undefined): string | undefined {
    const inGroup = this.spec.deduplicatesInGroups && deduplicationId !== undefined;
    return inGroup ? `${deduplicationId} ${groupId}` : deduplicationId;
  }

  private origin(deduplicationId: string | undefined, sentAt: number): Origin {
    const { senderId } = this.options;
    return { messageId: this.newId(), deduplicationId, sequence: this.nextSequence++, sentAt, senderId };
  }

  private enqueue(message: StoredMessage): void {
    if (message.visibleAt > this.clock.now()) {
      this.delayed++;
      this.due.add(message);
      this.arm();
      return;
    }
    this.makeReady(message);
    this.notify();
  }

  /** Makes all messages visible that are due now. */
  private release(now: number): void {
    for (let message = this.due.takeDue(now); message; message = this.due.takeDue(now)) {
      if (message.state === 'inFlight') this.load.ended(message.groupId, now, message.visibleAt - message.receivedAt);
      else this.delayed--;
      this.makeReady(message);
    }
  }

  /** Makes a message visible. A FIFO message returns to its position in the group; a standard one goes to the end. */
  private makeReady(message: StoredMessage): void {
    message.state = 'ready';
    message.order = this.spec.fifo ? message.sequence : this.nextOrder++;
    this.ready.add(message);
  }

  private groupsInFlight(): Set<string | undefined> {
    const groups = this.ready.heads().map((message) => message.groupId);
    return new Set(groups.filter((groupId) => this.load.inFlightOf(groupId) > 0));
  }

  private nextMessage(now: number, blocked: ReadonlySet<string | undefined>): StoredMessage | undefined {
    for (;;) {
      const candidates = this.ready.heads().filter((message) => !blocked.has(message.groupId));
      const first = this.firstOf(candidates, now);
      if (!first || !this.isExpired(first, now)) return first;
      this.remove(first);
    }
  }

  /**
   * Returns the message to deliver first. Messages of quiet groups come before those of noisy groups, the oldest first.
   * If all groups are noisy, the one with the fewest messages in flight comes first.
   */
  private firstOf(candidates: readonly StoredMessage[], now: number): StoredMessage | undefined {
    if (candidates.length < 2) return candidates[0];
    const rank = (message: StoredMessage) => {
      const noisy = !this.spec.fifo && this.load.isNoisy(message.groupId, now);
      return { message, weight: noisy ? 1 + this.load.inFlightOf(message.groupId) : 0 };
    };
    const ranked = candidates.map(rank);
    return ranked.reduce((a, b) => ((b.weight - a.weight || b.message.order - a.message.order) < 0 ? b : a)).message;
  }

  private isExpired(message: StoredMessage, now: number): boolean {
    return message.sentAt + this.spec.retentionMs <= now;
  }

  private isExhausted(message: StoredMessage): boolean {
    const { redrive } = this.spec;
    return redrive !== undefined && message.receivesHere >= redrive.maxReceiveCount;
  }

  /**
   * Moves a message to the dead-letter queue. Its id, receive count and sent time stay the same. The message is added
   * there before it is deleted here, so that at least one of the queues always contains it.
   */
  private giveUp(message: StoredMessage, target: Queue): void {
    target.accept({ ...message, state: 'delayed', receivesHere: 0, deadLetterSource: this.arn });
    this.remove(message);
    this.options.onDeadLetter?.(message.messageId);
  }

  private accept(moved: StoredMessage): void {
    const message = { ...moved, sequence: this.nextSequence++, visibleAt: this.clock.now() };
    this.options.keeper?.added(message);
    this.enqueue(message);
  }

  private deliver(message: StoredMessage, now: number, visibilityMs: number): ReceivedMessage {
    this.ready.remove(message);
    this.load.started(message.groupId);
    message.state = 'inFlight';
    message.receivedAt = now;
    message.firstReceivedAt ??= now;
    message.receiveCount++;
    message.receivesHere++;
    message.visibleAt = now + visibilityMs;
    this.options.keeper?.changed(message);
    this.due.add(message);
    this.byReceipt.set(message.messageId, message);
    return receivedMessage(message, this.spec.fifo);
  }

  /** Returns the message of a receipt handle. Undefined if it was deleted, or if it was received again later. */
  private find(receiptHandle: string): StoredMessage | undefined {
    const { messageId, receive } = decodeReceipt(receiptHandle);
    const message = this.byReceipt.get(messageId);
    return message?.receiveCount === receive ? message : undefined;
  }

  private remove(message: StoredMessage): void {
    this.options.keeper?.removed(message.messageId);
    if (message.state === 'ready') this.ready.remove(message);
    message.state = 'gone';
    this.byReceipt.delete(message.messageId);
    const drained = !this.ready.headOf(message.groupId) && this.load.inFlightOf(message.groupId) === 0;
    if (drained) this.load.forget(message.groupId);
  }

  private notify(): void {
    for (const listener of [...this.listeners]) listener();
  }

  /** Starts a timer for the next message that is due. There is only one timer, and only while there are listeners. */
  private arm(): void {
    const at = this.listeners.size > 0 ? this.due.nextAt() : undefined;
    if (at === this.timer?.at) return;
    this.clock.clearTimeout(this.timer?.handle);
    this.timer =
      at === undefined
        ? undefined
        : { at, handle: this.clock.setTimeout(() => this.wake(), Math.max(0, at - this.clock.now())) };
  }

  private wake(): void {
    this.timer = undefined;
    this.release(this.clock.now());
    this.arm();
    if (this.ready.size > 0) this.notify();
  }
}
