import { backoffMs, doubledMs } from '../util/clock';
import type { Timing } from '../wire/protocol';

/** The situation in which a client waits before it connects again. */
export interface Retry {
  /** Number of consecutive failures before this one. */
  readonly failures: number;
  /** Whether other clients may have lost their connections at the same time. */
  readonly isShared: boolean;
  /** Whether the platform reports that there is no network. */
  readonly isOffline: boolean;
}

/**
 * Returns the time until the next attempt to connect, in milliseconds.
 *
 * If many clients may have lost their connections together, the first attempt comes at a random time within a window. The window is so long that the
 * server can accept all clients in it. Each later window begins after the previous one, so that the attempts of two windows do not add up.
 */
export function retryMs({ failures, isShared, isOffline }: Retry, timing: Timing, random: () => number): number {
  const { reconnectBaseMs, reconnectSpreadMs, reconnectMaxMs } = timing;
  const maxMs = Math.max(reconnectMaxMs, reconnectBaseMs);
  if (isOffline) return laterHalf(maxMs, random);
  if (!isShared) return backoffMs(failures, reconnectBaseMs, maxMs, random);
  if (failures === 0) return random() * reconnectSpreadMs;
  return laterHalf(windowMs(failures, timing), random);
}

/**
 * Returns the length of the window of an attempt, in milliseconds. The length doubles with each failure. Even without a spread, only the first
 * attempt comes at once.
 */
export const windowMs = (failures: number, { reconnectBaseMs, reconnectSpreadMs, reconnectMaxMs }: Timing): number =>
  doubledMs(Math.max(reconnectSpreadMs, reconnectBaseMs), failures, reconnectMaxMs);

/** Returns a random time in the second half of a window. */
const laterHalf = (ms: number, random: () => number): number => (ms / 2) * (1 + random());
