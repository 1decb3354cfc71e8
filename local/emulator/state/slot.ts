/** Persistent storage of one service of a run. */
export interface StateSlot {
  /** The persisted records in the order in which they were appended; a second call returns nothing. */
  restore(): readonly unknown[];
  /**
   * Appends a record. It is written when the function returns, so that the change may be acknowledged.
   *
   * @throws Error if it cannot be written, in which case the change must not be applied
   */
  append(record: unknown): void;
  /** Sets the function that returns the records of the whole current state. They replace all appended records. */
  onSnapshot(snapshot: () => Iterable<unknown>): void;
}
