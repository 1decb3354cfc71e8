/** Runs a limited number of tasks at a time; the others wait in the order of their arrival. */
export class Slots {
  private readonly waiting: (() => void)[] = [];

  public constructor(private free: number) {}

  public async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      // the slot passes to the next one without being free in between
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
