/** Persistent storage of one service of a run. */
export interface StateSlot {
  /** Returns the stored records in the order in which they were appended. A second call returns nothing. */
  restore(): readonly unknown[];
  /**
   * Appends a record. When the function returns, the record is written, and the change may be acknowledged.
   *
   * @throws Error if the record cannot be written; the change must then not be applied
   */
  append(record: unknown): void;
  /** Sets a function that returns the complete current state as records. They replace all appended records. */
  onSnapshot(snapshot: () => Iterable<unknown>): void;
}
