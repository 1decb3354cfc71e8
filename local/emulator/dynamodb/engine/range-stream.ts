import { Stream } from 'node:stream';
import type { Item } from './model';

/**
 * Items as a stream in the old style, which dynalite's query and scan read. It starts after its listeners were added.
 * It emits all items synchronously, so that a page is a consistent snapshot.
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
