import type { StreamerError } from 'cdk-streamer-client';
import { createStreamerServer, type StreamerServerOptions } from 'cdk-streamer-client/server';
import * as v from 'valibot';
import { takeHead, writeHead } from '../../../../lambda-src/core/log';
import type { Outcome, RequestItem } from '../../../../lambda-src/core/request';
import * as transitions from '../../../../lambda-src/core/transitions';
import { answerSubmission, type SubmitterAction } from '../../../../lambda-src/flows/submit/submit';
import { Bench } from '../../../lambda-src/support/bench';
import { VirtualClock } from '../support/virtual-clock';

export type Event = { type: string; id: string } & Record<string, unknown>;

const actions = new Map<string, SubmitterAction>([
  [
    'report',
    {
      kind: 'async',
      maxAttempts: 3,
      schema: v.object({ year: v.number() }),
      messages: async () => ({ approve: v.object({ ok: v.boolean() }) }),
    },
  ],
  ['echo', { kind: 'sync' }],
]);

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/**
 * A replacement for Lambda with the submit function, on tables in memory. `first` contains results that precede those of the function, such as a
 * throttle. An error in `first` is thrown, and anything else is an answer. The end-to-end test uses the SDK's own client instead.
 */
export class FakeLambda {
  public readonly bench = new Bench();
  public readonly clock = new VirtualClock();
  public readonly events: Event[] = [];
  public readonly functionNames: string[] = [];
  public first: (() => unknown)[] = [];
  /** Called after the function has answered, but before the answer arrives. */
  public onAnswer: (event: Event) => unknown = () => undefined;

  public readonly client = {
    send: async ({ input }: { input: { FunctionName: string; Payload: Uint8Array } }) => {
      const event = JSON.parse(new TextDecoder().decode(input.Payload)) as Event;
      this.events.push(event);
      this.functionNames.push(input.FunctionName);
      const first = this.first.shift();
      if (first) return first();
      const answer = await answerSubmission({ ...this.bench.deps, actions }, event, 'invocation');
      await this.onAnswer(event);
      return { Payload: encode(answer) };
    },
  };

  public server<
    Actions = {
      report: { input: { year: number }; result: { url: string }; messages: { approve: { ok: boolean } } };
    },
  >(options: StreamerServerOptions = {}) {
    return createStreamerServer<Actions>({
      functionName: 'submit',
      lambda: this.client,
      clock: this.clock,
      random: () => 0.5,
      newId: () => `own-${this.events.length + 1}`,
      ...options,
    });
  }

  /** Waits for a promise while time passes by itself. Returns its value or its error. */
  public async ended<T>(promise: Promise<T>): Promise<{ value: T } | { error: StreamerError }> {
    let over = false;
    const outcome = promise.then(
      (value) => ({ value }),
      (error) => ({ error }),
    );
    void outcome.then(() => {
      over = true;
    });
    for (let i = 0; i < 1_000 && !over; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!over) await this.clock.advance(62.5);
    }
    return outcome;
  }

  /** Claims the request and reports progress, as a processor does. */
  public async report(id: string, percentage: number, message?: string): Promise<void> {
    const request = await this.claimed(id);
    const log = `${request.requestKey}#${request.epoch}`;
    await this.bench.memory.write(writeHead(log, request, { seq: 1, afterOffset: 0, percentage, message }, 9e9));
  }

  public async finish(id: string, outcome: Outcome): Promise<void> {
    const { requestKey, fence } = await this.claimed(id);
    const at = { now: this.bench.platform.now(), retentionSeconds: 86_400 };
    await this.bench.memory.write(transitions.finish({ requestKey, fence }, outcome, at));
  }

  /** Ends a request whose cancellation was requested. */
  public async cancelled(id: string, outcome: Outcome): Promise<void> {
    const { requestKey, fence } = await this.claimed(id);
    const at = { now: this.bench.platform.now(), retentionSeconds: 86_400 };
    await this.bench.memory.write(transitions.cancelled({ requestKey, fence }, outcome, at));
  }

  private async claimed(id: string): Promise<RequestItem> {
    const request = await this.bench.stored(id);
    if (request.status === 'RUNNING') return request;
    const claimed = await this.bench.claim(id);
    await this.bench.memory.write(takeHead(`${claimed.requestKey}#${claimed.epoch}`, claimed, 9e9));
    return claimed;
  }
}

/** Creates an error of the SDK with a name and a status. */
export const sdkError = (name: string, httpStatusCode?: number) => () => {
  throw Object.assign(new Error(`${name}: secret payload`), { name, $metadata: { httpStatusCode } });
};

export const answering = (payload: unknown, FunctionError?: string) => (): unknown => ({
  Payload: encode(payload),
  ...(FunctionError && { FunctionError }),
});
