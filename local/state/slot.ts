/** Where one service of a run keeps its state. */
export interface StateSlot {
  /** What was kept, in the order in which it was appended; a later call gives nothing. */
  restore(): readonly unknown[];
  /**
   * Keeps a record. It is written when this returns, so that a change may be answered.
   *
   * @throws Error when it cannot be written: then the change must not be made
   */
  append(record: unknown): void;
  /** Sets what gives the records that stand for the whole state as it is. They replace all those that were appended. */
  onSnapshot(snapshot: () => Iterable<unknown>): void;
}
