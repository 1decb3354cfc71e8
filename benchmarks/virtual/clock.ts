import type { Clock, Timer } from '../../local/emulator/types';

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Virtual time: it moves to the next timer once everything that waits for no timer has finished. */
export class VirtualClock implements Clock {
  private readonly heap: Entry[] = [];
  private readonly cleared = new Set<Entry>();
  private created = 0;

  public constructor(private time = Date.UTC(2026, 0, 1)) {}

  public now(): number {
    return this.time;
  }

  public setTimeout(fn: () => void, ms: number): Timer {
    const entry = { at: this.time + Math.max(0, ms), order: this.created++, fn };
    this.push(entry);
    return entry;
  }

  public clearTimeout(timer: Timer | undefined): void {
    if (timer) this.cleared.add(timer as Entry);
  }

  public sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = this.setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        this.clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Moves time on until the condition holds. @throws Error if no timer is left before */
  public async runUntil(isDone: () => boolean): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isDone()) return;
      const next = this.pop();
      if (!next) throw new Error('nothing is left to do');
      this.time = next.at;
      next.fn();
    }
  }

  private push(entry: Entry): void {
    const heap = this.heap;
    let at = heap.push(entry) - 1;
    for (let up = (at - 1) >> 1; at > 0 && isBefore(heap[at], heap[up]); at = up, up = (at - 1) >> 1) {
      [heap[at], heap[up]] = [heap[up], heap[at]];
    }
  }

  private pop(): Entry | undefined {
    for (let first = this.takeFirst(); first; first = this.takeFirst()) if (!this.cleared.delete(first)) return first;
    return undefined;
  }

  private takeFirst(): Entry | undefined {
    const heap = this.heap;
    const [first] = heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = left < heap.length && isBefore(heap[left], heap[at]) ? left : at;
      if (right < heap.length && isBefore(heap[right], heap[least])) least = right;
      if (least === at) return first;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  }
}
