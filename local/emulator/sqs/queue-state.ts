import type { StateSlot } from '../state';
import { sendResult } from './message';
import type { SendResult, StoredMessage } from './types';

/** Receives each change of a queue before the change is acknowledged. */
export interface QueueKeeper {
  /**
   * Called when a message was added.
   *
   * @param deduplicationId id that identifies repetitions of the message
   */
  added(message: Readonly<StoredMessage>, deduplicationId?: string): void;
  /** Called when a message was received, or when its visibility timeout was changed. */
  changed(message: Readonly<StoredMessage>): void;
  removed(messageId: string): void;
}

/** Contents of a queue. */
export interface KeptQueue {
  readonly nextSequence: number;
  readonly messages: readonly Readonly<StoredMessage>[];
  readonly deduplication: readonly { readonly id: string; readonly at: number; readonly result: SendResult }[];
}

type Changeable = Pick<
  StoredMessage,
  'state' | 'order' | 'visibleAt' | 'receivedAt' | 'firstReceivedAt' | 'receiveCount' | 'receivesHere'
>;

type KeptRecord = { readonly queue: string } & (
  | { readonly added: StoredMessage; readonly deduplicationId?: string; readonly fifo?: boolean }
  | { readonly changed: string; readonly to: Changeable }
  | { readonly removed: string }
  | { readonly all: KeptQueue }
  | { readonly dropped: true }
);

interface Restored {
  nextSequence: number;
  readonly messages: Map<string, StoredMessage>;
  readonly deduplication: KeptQueue['deduplication'][number][];
}

/** Stores the queues of a run persistently. */
export class QueuesState {
  private readonly restored = new Map<string, Restored>();

  /** @param queues current queues by name */
  public constructor(
    private readonly slot: StateSlot,
    queues: () => Iterable<readonly [name: string, queue: { kept(): KeptQueue }]>,
  ) {
    for (const record of slot.restore()) this.apply(record as KeptRecord);
    slot.onSnapshot(() => [...queues()].map(([queue, held]) => ({ queue, all: held.kept() })));
  }

  /** Returns the contents that a queue had in the earlier run. A second call returns nothing. */
  public take(queue: string): KeptQueue | undefined {
    const found = this.restored.get(queue);
    this.restored.delete(queue);
    return found && { ...found, messages: [...found.messages.values()] };
  }

  /** Returns the queues of the earlier run that were not restored, with their numbers of messages. */
  public left(): { readonly name: string; readonly messages: number }[] {
    return [...this.restored].map(([name, { messages }]) => ({ name, messages: messages.size }));
  }

  public forgetLeft(): void {
    this.restored.clear();
  }

  public dropped(queue: string): void {
    this.append({ queue, dropped: true });
  }

  public keeperOf(queue: string, fifo: boolean): QueueKeeper {
    return {
      added: (message, deduplicationId) =>
        this.append({ queue, added: message, ...(deduplicationId !== undefined && { deduplicationId, fifo }) }),
      changed: (message) => this.append({ queue, changed: message.messageId, to: changeable(message) }),
      removed: (removed) => this.append({ queue, removed }),
    };
  }

  private append(record: KeptRecord): void {
    this.slot.append(record);
  }

  private apply(record: KeptRecord): void {
    const held = this.held(record.queue);
    if ('added' in record) this.applyAdded(held, record);
    else if ('changed' in record) Object.assign(held.messages.get(record.changed) ?? {}, record.to);
    else if ('removed' in record) held.messages.delete(record.removed);
    else if ('all' in record) this.applyAll(held, record.all);
    else this.restored.delete(record.queue);
  }

  private applyAdded(
    held: Restored,
    { added, deduplicationId: id, fifo = false }: Extract<KeptRecord, { added: unknown }>,
  ) {
    held.messages.set(added.messageId, added);
    held.nextSequence = Math.max(held.nextSequence, added.sequence + 1);
    if (id !== undefined) held.deduplication.push({ id, at: added.sentAt, result: sendResult(added, fifo) });
  }

  private applyAll(held: Restored, { nextSequence, messages, deduplication }: KeptQueue): void {
    held.nextSequence = Math.max(held.nextSequence, nextSequence);
    for (const message of messages) held.messages.set(message.messageId, { ...message });
    held.deduplication.push(...deduplication);
  }

  private held(queue: string): Restored {
    const found = this.restored.get(queue) ?? { nextSequence: 1, messages: new Map(), deduplication: [] };
    this.restored.set(queue, found);
    return found;
  }
}

function changeable(message: Readonly<StoredMessage>): Changeable {
  const { state, order, visibleAt, receivedAt, firstReceivedAt, receiveCount, receivesHere } = message;
  return { state, order, visibleAt, receivedAt, firstReceivedAt, receiveCount, receivesHere };
}
