import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { StreamerClient } from '../client-sdks/typescript/src/client';
import { Dynamo } from '../local/console/dynamo';
import { checkProfile, profileOf } from '../local/emulator/chaos';
import { type ChaosOptions, type LocalRun, startLocalRun } from '../local/run';
import { killAction } from './kill';
import { type Refusal, Requests, scanAll } from './requests';
import { Scratch } from './scratch';
import type {
  AwsClientConfig,
  ChaosTestOptions,
  LocalStreamer,
  LocalStreamerOptions,
  LogLine,
  QueuedMessage,
  Synthesizable,
} from './streamer-types';
import { synthesize } from './synthesize';
import { tokenFor } from './tokens';

/** Implements `createLocalStreamer`. */
export async function startStreamer<Actions>(
  stackOrApp: Synthesizable,
  options: LocalStreamerOptions,
): Promise<LocalStreamer<Actions>> {
  const { dir, temporary } = synthesize(stackOrApp);
  const scratch = new Scratch(temporary ? [dir] : []);
  const logs: LogLine[] = [];
  try {
    const run = await startRun(dir, scratch.dir, options, (line) => {
      logs.push(line);
      options.onLog?.(line);
    });
    return describe<Actions>(run, scratch, logs);
  } catch (error) {
    scratch.remove();
    throw error;
  }
}

async function startRun(
  assemblyDir: string,
  tempDir: string,
  { maxEnvironments, env, verbose, chaos }: LocalStreamerOptions,
  log: (line: LogLine) => void,
): Promise<LocalRun> {
  const run = await startLocalRun({
    ...{ assemblyDir, tempDir, env, verbose, log },
    port: 0,
    limits: { maxEnvironments },
    chaos: chaos && chaosOf(chaos),
    runtimeClient: runtimeClient(),
  });
  if (run.url !== undefined) return run;
  await run.close();
  throw new Error('createLocalStreamer: the app has no WebSocket API; does it have a StreamerApi?');
}

const MAX_SEED = 2 ** 32 - 1;

/** @throws Error if there is no such profile, or if the seed is invalid */
function chaosOf({ profile, seed = randomInt(MAX_SEED) }: ChaosTestOptions): ChaosOptions {
  if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) {
    throw new Error(`\`chaos.seed\` must be an integer from 0 to ${MAX_SEED}, got: ${seed}`);
  }
  return { profile: typeof profile === 'string' ? profileOf(profile) : checkProfile(profile), seed };
}

/** Path of the client: next to this bundle, or in the output of the build if this module is not bundled. */
function runtimeClient(): string {
  const beside = join(__dirname, '../local/runtime-client.js');
  return existsSync(beside) ? beside : join(__dirname, '../lib/local/runtime-client.js');
}

function describe<Actions>(run: LocalRun, scratch: Scratch, logs: LogLine[]): LocalStreamer<Actions> {
  const url = String(run.url);
  const clients: StreamerClient<Actions>[] = [];
  const dynamo = new Dynamo(run.dynamodb.url, run.credentials);
  const refusals = new Map<string, Refusal>();
  const readObject = (key: string) => run.s3.find(key)?.toString();
  const requests = () => new Requests(dynamo, requestTables(run), refusals, readObject);
  let closing: Promise<void> | undefined;
  return {
    url,
    logs,
    outputs: run.outputs,
    warnings: run.warnings,
    faults: run.faults,
    client(identity, options) {
      const token = () => tokenFor(run, identity);
      const client = new StreamerClient<Actions>(url, { token, webSocket: WebSocket as never, ...options });
      clients.push(client);
      return client;
    },
    token: (identity) => tokenFor(run, identity),
    request: (id, user) => requests().find(id, user),
    ended: (id, options) => requests().ended(id, options),
    invoke: (name, event) => invoke(run, name, event),
    items: (name) => scanAll(dynamo, run.physicalName(name)),
    messages: (name) => messagesOf(run, name),
    physicalName: (name) => run.physicalName(name),
    aws: (service) => awsConfig(run, service),
    runSchedule: (name) => {
      const { scheduledAt, requestId = '', outcome } = run.schedules.run(name);
      void outcome(0).then(({ error }) => error && refusals.set(requestId, error));
      return { id: requestId, scheduledAt };
    },
    kill: (action, { timeoutMs } = {}) => killAction(run, action, timeoutMs),
    close() {
      closing ??= end(run, scratch, clients);
      return closing;
    },
  };
}

async function end(run: LocalRun, scratch: Scratch, clients: readonly { close(): void }[]): Promise<void> {
  for (const client of clients) client.close();
  try {
    await run.close();
  } finally {
    scratch.remove();
  }
}

async function invoke(run: LocalRun, name: string, event: unknown): Promise<unknown> {
  const result = await run.invoke(name, event);
  if (result.ok) return result.payload;
  const { errorType, errorMessage } = result.error;
  throw Object.assign(new Error(errorMessage), { name: errorType });
}

/** Finds the tables by their construct ids, which are the same for any id of the API. */
function requestTables(run: LocalRun): { requests: string; events: string } {
  return { requests: run.physicalName('Requests/Table'), events: run.physicalName('Events/Table') };
}

function messagesOf(run: LocalRun, name: string): QueuedMessage[] {
  return run.sqs
    .queueByUrl(run.physicalName(name))
    .contents()
    .map(({ body, receiveCount, sentAt }) => ({ body, receiveCount, sentAt }));
}

function awsConfig({ variables, credentials }: LocalRun, service: string): AwsClientConfig {
  const name = service.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
  const endpoint = variables[`AWS_ENDPOINT_URL_${name}`];
  if (endpoint === undefined) {
    const known = Object.keys(variables).flatMap(
      (key) => key.match(/^AWS_ENDPOINT_URL_(.+)$/)?.[1]?.toLowerCase() ?? [],
    );
    throw new Error(`\`service\` must be one that the local run has: ${known.join(', ')}, got: ${service}`);
  }
  return { endpoint, region: 'us-east-1', credentials };
}
