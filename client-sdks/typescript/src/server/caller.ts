import { type Fetch, Transfers } from '../payload/transfer';
import { backoffMs, type Clock } from '../util/clock';
import { StreamerError } from '../wire/errors';
import type { Json, WireError } from '../wire/messages';
import { inOptionNames } from '../wire/option-names';
import { functionError, invocationError } from './failures';
import type { Invoke } from './lambda';
import type { Patience } from './waiting';

/** Times of a client for servers, in milliseconds. */
export interface ServerTiming {
  /**
   * Maximum delay before the first retry of a call. The maximum doubles with each further retry; the delay itself is random (full jitter). Default:
   * 200.
   */
  readonly retryBaseMs: number;
  /** Maximum delay before each retry, in milliseconds. Default: 5,000. */
  readonly retryMaxMs: number;
  /** Time before `wait` reads the status for the first time. Default: 250. */
  readonly pollMs: number;
  /** Maximum interval between two reads of the status. The interval grows by half each time. Default: 5,000. */
  readonly pollMaxMs: number;
}

export const DEFAULT_SERVER_TIMING: ServerTiming = {
  retryBaseMs: 200,
  retryMaxMs: 5_000,
  pollMs: 250,
  pollMaxMs: 5_000,
};

export interface CallerOptions {
  readonly invoke: Invoke;
  readonly clock: Clock;
  readonly random: () => number;
  readonly fetch?: Fetch;
  readonly timing: ServerTiming;
  /** Maximum number of invocations per call, including the first one. */
  readonly maxAttempts: number;
}

type Answer = { readonly ok: true; readonly [field: string]: Json } | { readonly ok: false; readonly error: WireError };

/** Calls the submit function. It retries a call after a retryable error, and converts every failure to a `StreamerError`. */
export class Caller {
  readonly transfers: Transfers;

  constructor(readonly options: CallerOptions) {
    this.transfers = new Transfers(options);
  }

  /** Invokes the function with the event. All retries send the same event, so they concern the same request. */
  async call(event: object, patience: Patience): Promise<Record<string, Json>> {
    const { timing, random, maxAttempts } = this.options;
    const payload = JSON.stringify(event);
    for (let failures = 1; ; failures++) {
      try {
        return await patience.guard(() => this.once(payload));
      } catch (thrown) {
        const error = thrown as StreamerError;
        if (!error.retryable || failures >= maxAttempts) throw error;
        await patience.sleep(backoffMs(failures - 1, timing.retryBaseMs, timing.retryMaxMs, random));
      }
    }
  }

  private async once(payload: string): Promise<Record<string, Json>> {
    const invocation = await this.options.invoke(payload).catch((thrown) => {
      throw invocationError(thrown);
    });
    if (invocation.failed) throw functionError();
    const answer = parse(invocation.payload);
    if (!answer.ok) {
      const { code, message, ...more } = inOptionNames(answer.error);
      throw new StreamerError(code, message, more);
    }
    const { ok: _, ...report } = answer;
    return report;
  }
}

/** Parses an answer. If `functionName` does not name a submit function, the answer has another form. */
function parse(payload: string): Answer {
  try {
    const answer = JSON.parse(payload) as Answer | null;
    if (answer?.ok === true || (answer?.ok === false && typeof answer.error?.code === 'string')) return answer;
  } catch {
    // Invalid JSON causes the same error as valid JSON in another form.
  }
  throw new StreamerError(
    'CONNECT_FAILED',
    'The function did not answer as a submit function does; check `functionName`.',
    { retryable: false },
  );
}
