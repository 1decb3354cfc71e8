/** Return value of `context.continue`. A handler returns it to end its slice. */
export interface Continuation {
  readonly [CONTINUATION]: true;
}

/** Only a type: no other value is a `Continuation`. */
declare const CONTINUATION: unique symbol;

/** Options of `context.continue`. */
export interface ContinueOptions {
  /** Seconds before the next slice starts, from 0 to 2,592,000 (30 days). @default 0 */
  readonly delay?: number;
}
