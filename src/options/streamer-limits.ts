import type { Size } from 'aws-cdk-lib';

/** How much a request may carry. Each limit is below what the protocol's frames hold, and enforced at run time. */
export interface StreamerLimits {
  /**
   * Largest input of a request, as JSON text in UTF-8: 1 byte to 32 KiB. A larger one is refused with `INVALID_INPUT` and stored nowhere.
   *
   * @default - what a client's frame of 32 KiB holds beside its envelope
   */
  readonly maxInputSize?: Size;

  /**
   * Largest result, as JSON text in UTF-8: 1 byte to 127 KiB. A handler that returns more fails with `RESULT_TOO_LARGE`, and is not tried again.
   *
   * @default Size.kibibytes(127)
   */
  readonly maxResultSize?: Size;

  /**
   * Events that one run of a request may `emit`, 1 to 1,000,000. The next one is refused with `INVALID_EVENT`, which ends the request unless
   * the handler catches it. Progress is no event and does not count.
   *
   * @default 10000
   */
  readonly maxEvents?: number;
}
