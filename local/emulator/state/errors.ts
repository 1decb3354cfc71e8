/** Error if the state of a run cannot be used. The message contains the reason and the remedy. */
export class StateError extends Error {
  public override readonly name = 'StateError';
}
