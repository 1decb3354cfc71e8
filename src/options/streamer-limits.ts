import type { Size } from 'aws-cdk-lib';

/** How much a request may carry. Each limit is at most what the protocol's frames hold, and is enforced at run time. */
export interface StreamerLimits {
  /**
   * Largest input of a request, as JSON text in UTF-8: 1 byte to 32 KiB. A larger one is refused with `INVALID_INPUT`, and nothing is stored.
   *
   * @default - what a client's frame of 32 KiB holds beside its envelope
   */
  readonly maxInputSize?: Size;

  /**
   * Largest result, as JSON text in UTF-8: 1 byte to 120 KiB. A handler that returns more fails with `RESULT_TOO_LARGE`, and is not tried again.
   *
   * @default - 120 KiB, and 127 KiB for sync handlers
   */
  readonly maxResultSize?: Size;

  /**
   * Events that one request may have, over all its attempts: 1 to 1,000,000. The next `emit` is refused with `INVALID_EVENT`, which ends the request unless
   * the handler catches it. Progress is no event and does not count.
   *
   * @default 10000
   */
  readonly maxEvents?: number;
}
