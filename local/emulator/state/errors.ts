/** Error if the state of a run cannot be used. The message contains the reason and the remedy. */
export class StateError extends Error {
  public override readonly name = 'StateError';
}

/**
 * Returns the remedy for a state that cannot be read.
 *
 * @param command command that starts with an empty state; empty if there is none
 */
export const remedyOf = (command: string): string => `begin with an empty state${command === '' ? '' : `: ${command}`}`;
