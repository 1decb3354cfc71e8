import { Stream } from 'node:stream';
import type { Item } from './model';

/**
 * A stream of items in the old style of Node.js, for dynalite's query and scan. It starts in a microtask, after the
 * listeners were added. It emits all items synchronously, so that a page is a consistent snapshot.
 */
export class RangeStream extends Stream {
  private stopped = false;

  constructor(items: Iterable<[string, Item]>) {
    super();
    queueMicrotask(() => this.flow(items));
  }

  /** Called by the reader when its page is complete. */
  public destroy(): void {
    this.stopped = true;
  }

  private flow(items: Iterable<[string, Item]>): void {
    for (const [, item] of items) {
      if (this.stopped) return;
      this.emit('data', item);
    }
    this.emit('end');
  }
}
