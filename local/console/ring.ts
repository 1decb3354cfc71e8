/** Keeps the latest entries. Both their number and their total size in bytes are limited. */
export class Ring<T> {
  private items: T[] = [];
  private bytes = 0;

  public constructor(
    private readonly maxItems: number,
    private readonly maxBytes = Number.POSITIVE_INFINITY,
    private readonly sizeOf: (item: T) => number = () => 0,
  ) {}

  public add(item: T): void {
    this.items.push(item);
    this.bytes += this.sizeOf(item);
    // removes many entries at once, so that adding one is fast
    if (this.items.length > this.maxItems * 1.25 || this.bytes > this.maxBytes) this.trim();
  }

  /** All entries, oldest first. */
  public all(): readonly T[] {
    return this.items.length > this.maxItems ? this.items.slice(-this.maxItems) : this.items;
  }

  private trim(): void {
    let from = Math.max(0, this.items.length - this.maxItems);
    let bytes = this.items.slice(from).reduce((sum, item) => sum + this.sizeOf(item), 0);
    while (bytes > this.maxBytes * 0.75 && from < this.items.length - 1) bytes -= this.sizeOf(this.items[from++] as T);
    this.items = this.items.slice(from);
    this.bytes = bytes;
  }
}
