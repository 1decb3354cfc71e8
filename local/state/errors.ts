/** The state of a run cannot be used. The message says why, and what to do. */
export class StateError extends Error {
  public override readonly name = 'StateError';
}
