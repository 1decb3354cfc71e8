import { Stream } from 'node:stream';
import type { Item } from './model';

/**
 * Items as the old-style stream that dynalite's query and scan read. It starts once its listeners are attached, and emits
 * all items synchronously, so that a page is a snapshot.
 */
export class RangeStream extends Stream {
  private stopped = false;

  constructor(items: Iterable<[string, Item]>) {
    super();
    queueMicrotask(() => this.flow(items));
  }

  /** Called when the reader has its page. */
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
