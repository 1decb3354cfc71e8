import { isShowable } from '../../protocol';
import type { Log } from '../ports';

/** Logs a failure that the client does not receive completely: an error that it must not see, or one with a cause. */
export function logHidden(log: Log, what: string, thrown: unknown): void {
  if (!isShowable(thrown) || causeOf(thrown) !== undefined) log.error(what, { error: thrown });
}

/** A getter of a handler's error may throw. */
function causeOf(thrown: unknown): unknown {
  try {
    return (thrown as Error).cause;
  } catch (error) {
    return error;
  }
}
