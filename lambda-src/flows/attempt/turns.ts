/** Runs one work at a time, in the order in which they came. One that fails stops none of those that follow. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  public take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when all that came before has been done. */
  public async done(): Promise<void> {
    await this.last;
  }
}
