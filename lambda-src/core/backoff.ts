import type { WebhookRetries } from '../../src/contract';

/** Limits of an exponential backoff, in milliseconds. */
export interface BackoffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Returns the wait before the next attempt. It is random, from 0 up to a bound that grows exponentially (full jitter).
 *
 * @param attempt number of attempts that were made, from 1
 * @param random uniformly distributed number in [0, 1)
 */
export function backoff(limits: BackoffLimits, attempt: number, random: number): number {
  const ceiling = Math.min(limits.maxMs, limits.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.floor(random * ceiling);
}

/** Result of an attempt to deliver a webhook. There is no status if the network failed. */
export interface DeliveryResult {
  readonly status?: number;
  /** Wait that the receiver requested, in seconds. */
  readonly retryAfterSeconds?: number;
}

export type DeliveryVerdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'again'; readonly afterSeconds: number }
  | { readonly kind: 'give-up'; readonly why: 'gone' | 'exhausted' };

/** Factor by which each wait grows: 5 s, 30 s, 3 min, 18 min, 1.8 h, 10.8 h. */
const GROWTH = 6;
/** Largest share of a wait that is added or subtracted at random, so that messages that failed together are not sent again together. */
const JITTER = 0.2;
/** Maximum wait in seconds. SQS hides a message for at most 12 hours after its receipt, and the attempt itself takes part of that time. */
const MAX_HIDDEN_SECONDS = 42_900;
const GONE = 410;

/**
 * Decides what happens to a webhook after an attempt.
 *
 * @param attempt number of the attempt, from 1
 * @param random uniformly distributed number in [0, 1)
 */
export function afterAttempt(
  policy: WebhookRetries,
  attempt: number,
  result: DeliveryResult,
  random: number,
): DeliveryVerdict {
  const { status = 0, retryAfterSeconds = 0 } = result;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === GONE) return { kind: 'give-up', why: 'gone' };
  if (attempt >= policy.maxAttempts) return { kind: 'give-up', why: 'exhausted' };
  const waitMs = Math.min(policy.maxMs, policy.initialMs * GROWTH ** Math.min(attempt - 1, 12));
  const jittered = (waitMs / 1000) * (1 + JITTER * (2 * random - 1));
  const seconds = Math.ceil(Math.max(jittered, retryAfterSeconds));
  return { kind: 'again', afterSeconds: Math.max(1, Math.min(MAX_HIDDEN_SECONDS, seconds)) };
}

/** Returns the seconds of a `Retry-After` header, which contains a number or a date. */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return seconds > 0 ? seconds : undefined;
}
