import { Duration } from 'aws-cdk-lib';
import { reject } from '../validation/errors';
import { isAbsent, validateDuration } from '../validation/rules';

/** Bounds of the time for which a request without viewers continues. */
const DELAY = { min: Duration.seconds(0), max: Duration.hours(1) };

/** Checks the time for which a request without viewers continues, and returns it in milliseconds. */
export function cancelAfterMs(delay: Duration): number {
  validateDuration('OnDisconnect.cancelAfter(delay)', delay, DELAY.min, DELAY.max);
  if (isAbsent(delay)) reject('OnDisconnect.cancelAfter(delay)', 'be a Duration', delay, USE);
  return delay.toMilliseconds();
}

/** The part of an `OnDisconnect` that this module reads. The object may come from another copy of this package. */
interface Reaction {
  readonly _cancelAfterMs?: number;
}

/**
 * Checks an option of the type `OnDisconnect`. Returns the milliseconds after which a request without viewers is cancelled, or undefined if such a
 * request continues.
 */
export function cancelAfterOf(onDisconnect: Reaction | undefined): number | undefined {
  if (isAbsent(onDisconnect)) return undefined;
  if (typeof onDisconnect === 'object' && '_cancelAfterMs' in onDisconnect) return onDisconnect._cancelAfterMs;
  if (typeof onDisconnect === 'function') reject('onDisconnect', 'be a value of OnDisconnect', onDisconnect, CALL);
  return reject('onDisconnect', 'be a value of OnDisconnect', onDisconnect, USE);
}

const CALL = 'Call the function: `OnDisconnect.keepRunning()`, for example';
const USE = 'Use `OnDisconnect.cancelAfter(Duration.minutes(1))`, for example';
