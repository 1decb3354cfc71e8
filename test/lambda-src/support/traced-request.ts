import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { decodeRequest } from '../../../lambda-src/core/request';
import { startNoter } from '../../../lambda-src/flows/attempt/claim';
import { processMessage } from '../../../lambda-src/flows/attempt/process';
import { connect } from '../../../lambda-src/flows/connect/connection';
import { dispatch } from '../../../lambda-src/flows/dispatch/dispatch';
import type { RunHandler } from '../../../lambda-src/flows/handlers/context';
import type { Deps, Gateway, OutgoingMessage, Queues } from '../../../lambda-src/flows/ports';
import { acceptRequest } from '../../../lambda-src/flows/requests/accept';
import { DEFAULTS } from '../../../src/contract';
import { ALICE } from './bench';
import { storeOf } from './embedded-tables';
import { FakePlatform, settle } from './fake-platform';
import { inProcessClient } from './in-process-client';

/** The AWS calls of one async request. */
export interface Trace {
  /** The calls in the order in which they begin. Calls that do not wait for each other are in the same step. */
  readonly steps: readonly (readonly string[])[];
  /** Number of steps before the handler starts. */
  readonly beforeStart: number;
}

/** Turns of the event loop in which no code begins a further call, after which all code waits for the calls that it has begun. */
const QUIET_TURNS = 5;

/**
 * Lets each AWS call take one step, and all other code no time. So the number of steps is the number of calls that follow one another on the longest
 * path, whatever the duration of each call is.
 */
class Lockstep {
  public readonly steps: string[][] = [];
  private begun: { readonly name: string; readonly end: () => Promise<void> }[] = [];

  public call<T>(name: string, run: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.begun.push({ name, end: () => run().then(resolve, reject) });
    });
  }

  /** Ends calls, step by step, until the work is done and has begun no further call. */
  public async during<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    for (;;) {
      for (let turn = 0; turn < QUIET_TURNS; turn++) await settle();
      if (this.begun.length === 0 && isDone) return done;
      if (this.begun.length === 0) throw new Error('the work waits for something other than a call');
      const step = this.begun.splice(0);
      this.steps.push(step.map(({ name }) => name));
      await Promise.all(step.map(({ end }) => end()));
    }
  }
}

/**
 * Runs one async request with progress and a result of 4 KB through the flows of router, dispatcher and processor, and records its AWS calls. The
 * calls to DynamoDB are those of the SDK's commands. Stream and queue deliver at once.
 */
export async function traceRequest(): Promise<Trace> {
  const { client, close } = await inProcessClient();
  try {
    return await trace(client);
  } finally {
    close();
  }
}

async function trace(client: DynamoDBClient): Promise<Trace> {
  const lockstep = new Lockstep();
  const platform = new FakePlatform();
  const store = storeOf(traced(client, lockstep), platform);
  const gateway: Gateway = {
    post: (_, frame) => lockstep.call(`Post ${JSON.parse(frame).type}`, async () => 'sent' as const),
  };
  const quiet = () => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const deps: Deps = { store, gateway, platform, log, limits: DEFAULTS.limits, retentionSeconds: 86_400 };
  await connect({ ...deps, store: storeOf(client, platform) }, ALICE);

  const message = { type: 'request', id: 'r1', action: 'report', input: { n: 1 } } as const;
  await lockstep.during(acceptRequest(deps, ALICE, message, { maxAttempts: 3 }));
  const item = await storeOf(client, platform).get('requests', { requestKey: 'acme#alice#r1' });
  const record = { sequenceNumber: '1', request: decodeRequest(item ?? {}) };
  const sent: OutgoingMessage[] = [];
  await lockstep.during(dispatch({ ...deps, queues: queuesOf(lockstep, sent) }, [record]));
  let beforeStart = 0;
  const run: RunHandler = async ({ progress }) => {
    beforeStart = lockstep.steps.length;
    for (let sends = 1; sends <= 10; sends++) progress(10 * sends);
    return 'x'.repeat(4_094);
  };
  const delivery = { messageId: 'm1', body: sent[0].body, functionEndsAt: platform.now() + 300_000 };
  await lockstep.during(processMessage(processorOf(deps, lockstep, run), delivery));
  return { steps: lockstep.steps, beforeStart };
}

/** Records each command of an SDK's client, with the table that it names. */
function traced(client: DynamoDBClient, lockstep: Lockstep): DynamoDBClient {
  const send = (command: { readonly input: { readonly TableName?: string } }) => {
    const name = `${command.constructor.name.replace(/Command$/, '')} ${command.input.TableName ?? ''}`.trim();
    return lockstep.call(name, () => client.send(command as never) as Promise<object>);
  };
  return { send } as unknown as DynamoDBClient;
}

const queuesOf = (lockstep: Lockstep, sent: OutgoingMessage[]): Queues => ({
  serves: () => true,
  deadLetter: () => Promise.reject(new Error('no request fails')),
  send: (_, messages) =>
    lockstep.call('SendMessageBatch', async () => {
      sent.push(...messages);
      return [];
    }),
});

const processorOf = (deps: Deps, lockstep: Lockstep, run: RunHandler) => ({
  ...deps,
  heartbeat: {
    start: () => lockstep.call('ChangeMessageVisibility', async () => undefined),
    sawHead: () => undefined,
    handlerEnded: () => undefined,
    stop: () => undefined,
  },
  noteStart: startNoter(deps, 'report'),
  run,
  parseInput: async (input: unknown) => input,
  progressRate: 10,
  retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
});
