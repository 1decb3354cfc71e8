import type { StoredMessage } from './types';

interface Entry {
  readonly at: number;
  readonly message: StoredMessage;
}

const isWaiting = (message: StoredMessage) => message.state === 'delayed' || message.state === 'inFlight';

/**
 * A binary heap of messages that become visible later, the earliest first. If the time of a message changes, the
 * message is added again. The entry with the old time is then skipped.
 */
export class DueHeap {
  private readonly entries: Entry[] = [];

  public add(message: StoredMessage): void {
    const { entries } = this;
    entries.push({ at: message.visibleAt, message });
    let child = entries.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (entries[parent].at <= entries[child].at) break;
      [entries[parent], entries[child]] = [entries[child], entries[parent]];
      child = parent;
    }
  }

  /** Time at which the next message is due. */
  public nextAt(): number | undefined {
    while (this.entries.length > 0 && this.isStale(this.entries[0])) this.removeFirst();
    return this.entries[0]?.at;
  }

  /** Removes and returns one message that is due at `now`. */
  public takeDue(now: number): StoredMessage | undefined {
    const at = this.nextAt();
    return at !== undefined && at <= now ? this.removeFirst().message : undefined;
  }

  /** Returns the waiting messages in any order. */
  public waiting(): StoredMessage[] {
    return this.entries.filter((entry) => !this.isStale(entry)).map(({ message }) => message);
  }

  private isStale({ at, message }: Entry): boolean {
    return !isWaiting(message) || message.visibleAt !== at;
  }

  private removeFirst(): Entry {
    const { entries } = this;
    const first = entries[0];
    const last = entries.pop() as Entry;
    if (entries.length > 0) {
      entries[0] = last;
      this.sink();
    }
    return first;
  }

  private sink(): void {
    const { entries } = this;
    let parent = 0;
    for (;;) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < entries.length && entries[child].at < entries[least].at) least = child;
      }
      if (least === parent) return;
      [entries[parent], entries[least]] = [entries[least], entries[parent]];
      parent = least;
    }
  }
}
