import type { KeyRange } from '../dynalite/shapes';

/** Maximum number of keys in a block. A block with more keys is split, so that insertion stays fast in large tables. */
const MAX_BLOCK = 512;

/**
 * A map with sorted keys. They are sorted by UTF-16 code units, which is sufficient because the engine's keys are
 * ASCII.
 */
export class OrderedMap<V> {
  private readonly values = new Map<string, V>();
  /**
   * Sorted keys, in a sequence of sorted blocks. There is at least one block. A block is empty only if the map is
   * empty.
   */
  private readonly blocks: string[][] = [[]];

  public get size(): number {
    return this.values.size;
  }

  public get(key: string): V | undefined {
    return this.values.get(key);
  }

  public set(key: string, value: V): void {
    if (!this.values.has(key)) this.insertKey(key);
    this.values.set(key, value);
  }

  public delete(key: string): void {
    if (!this.values.delete(key)) return;
    const at = this.blockOf(key);
    const block = this.blocks[at];
    block.splice(lowerBound(block, key), 1);
    if (block.length === 0 && this.blocks.length > 1) this.blocks.splice(at, 1);
  }

  /** Entries in the range, in order. The map must not change during the iteration. */
  public *entries(range: KeyRange = {}): Generator<[key: string, value: V]> {
    let left = range.limit === undefined || range.limit < 0 ? Number.POSITIVE_INFINITY : range.limit;
    for (const key of range.reverse ? this.keysDown(range) : this.keysUp(range)) {
      if (left-- <= 0) return;
      yield [key, this.values.get(key) as V];
    }
  }

  private *keysUp(range: KeyRange): Generator<string> {
    const from = range.gt ?? range.gte ?? '';
    const first = this.blockOf(from);
    for (let b = first; b < this.blocks.length; b++) {
      const block = this.blocks[b];
      for (let i = b === first ? lowerBound(block, from) : 0; i < block.length; i++) {
        if (!isBelowEnd(block[i], range)) return;
        if (isAboveStart(block[i], range)) yield block[i];
      }
    }
  }

  private *keysDown(range: KeyRange): Generator<string> {
    const from = range.lt ?? range.lte;
    const first = from === undefined ? this.blocks.length - 1 : this.blockOf(from);
    for (let b = first; b >= 0; b--) {
      const block = this.blocks[b];
      for (
        let i = from !== undefined && b === first ? lowerBound(block, `${from}\0`) - 1 : block.length - 1;
        i >= 0;
        i--
      ) {
        if (!isAboveStart(block[i], range)) return;
        if (isBelowEnd(block[i], range)) yield block[i];
      }
    }
  }

  private insertKey(key: string): void {
    const at = this.blockOf(key);
    const block = this.blocks[at];
    block.splice(lowerBound(block, key), 0, key);
    if (block.length > MAX_BLOCK) this.blocks.splice(at + 1, 0, block.splice(MAX_BLOCK / 2));
  }

  /** Returns the last block whose first key is not greater than the given key, or the first block. */
  private blockOf(key: string): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.blocks[middle][0] <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Returns the position of the first key that is not less than the given one. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isAboveStart(key: string, { gt, gte }: KeyRange): boolean {
  return (gt === undefined || key > gt) && (gte === undefined || key >= gte);
}

function isBelowEnd(key: string, { lt, lte }: KeyRange): boolean {
  return (lt === undefined || key < lt) && (lte === undefined || key <= lte);
}
