import type { Clock } from '../../types';
import { tokenMismatch } from './errors';

/**
 * Time in milliseconds for which a `ClientRequestToken` makes a request idempotent (API reference, TransactWriteItems).
 */
const TOKEN_LIFE_MS = 10 * 60 * 1000;

/** Stores completed requests by the tokens that clients chose. */
export class RequestTokens<R> {
  /** Known tokens in the order in which they expire. */
  private readonly known = new Map<string, { fingerprint: string; result: R; expiresAt: number }>();

  constructor(private readonly clock: Clock) {}

  /**
   * Returns the result of the earlier request with this token, or undefined.
   *
   * @throws IdempotentParameterMismatchException if the earlier request was different
   */
  public find(token: string | undefined, fingerprint: string): R | undefined {
    this.forgetExpired();
    const entry = token === undefined ? undefined : this.known.get(token);
    if (entry && entry.fingerprint !== fingerprint) throw tokenMismatch();
    return entry?.result;
  }

  public keep(token: string | undefined, fingerprint: string, result: R): void {
    if (token === undefined) return;
    this.known.set(token, { fingerprint, result, expiresAt: this.clock.now() + TOKEN_LIFE_MS });
  }

  private forgetExpired(): void {
    for (const [token, { expiresAt }] of this.known) {
      if (expiresAt > this.clock.now()) return;
      this.known.delete(token);
    }
  }
}
