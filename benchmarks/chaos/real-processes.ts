import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import WebSocket from 'ws';
import { StreamerClient, type WebSocketConstructor } from '../../client-sdks/typescript/src';
import { DynamoStore } from '../../lambda-src/aws/dynamodb/store';
import { decodeRequest, logKey, requestKey } from '../../lambda-src/core';
import { platform } from '../../lambda-src/runtime/platform';
import type { FaultProfile } from '../../local/emulator/chaos';
import { systemClock } from '../../local/emulator/types';
import type { LocalRun } from '../../local/run';
import { randomNumbers } from '../../test/support/random';
import { startRun } from '../lib/workload';
import { Audience, type Workload } from './audience';
import { type Outcome, type StoredLog, storedLog } from './outcome';

const ACTION = 'rows';
/** Time in which all requests are sent, in milliseconds for each request. */
const SEND_MS = 500;
/** Longest time between two events of a handler. */
const EVENT_MS = 40;
/** Longest duration of the experiment. */
const LIMIT_MS = 1_200_000;
/** Time after the end of all requests, in which the functions finish their work. */
const REST_MS = 20_000;
const POLL_MS = 200;

/** The experiment of the benchmark `reliability` in real processes: a local run of a synthesized application, whose services inject the faults. */
export class RealReliability {
  public constructor(
    private readonly assemblyFolder: string,
    private readonly workload: Workload,
    private readonly profile: FaultProfile,
  ) {}

  /** Runs until each viewer has an outcome, or until the limit of time. */
  public async run(): Promise<Outcome> {
    const { seed } = this.workload;
    const run = await startRun(this.assemblyFolder, {
      chaos: { profile: this.profile, seed },
      limits: { maxEnvironments: 8 },
    });
    const audience = this.audienceOf(run);
    try {
      const beganAt = performance.now();
      audience.start();
      while (!audience.isServed && performance.now() - beganAt < LIMIT_MS) await setTimeout(POLL_MS);
      const durationMs = performance.now() - beganAt;
      run.faults?.stop();
      const faults = { ...run.faults?.injected };
      await setTimeout(REST_MS);
      audience.close();
      const kills = (faults['invocation kill'] ?? 0) + (faults['init kill'] ?? 0);
      return { viewers: audience.viewers, logs: await logsOf(run, audience), faults, kills, durationMs };
    } finally {
      audience.close();
      await run.close();
    }
  }

  private audienceOf(run: LocalRun): Audience {
    const { requests, events, seed } = this.workload;
    return new Audience({
      clock: systemClock,
      random: randomNumbers(seed),
      action: ACTION,
      requests,
      sendMs: SEND_MS,
      inputOf: () => ({ events, ms: EVENT_MS }),
      connect: (user) => clientOf(run, user),
    });
  }
}

function clientOf({ url = '', issuer }: LocalRun, user: string): StreamerClient {
  return new StreamerClient(url, {
    token: async () => issuer?.issueToken({ sub: user, tenant: `tenant-${user}` }) ?? '',
    webSocket: WebSocket as unknown as WebSocketConstructor,
  });
}

async function logsOf(run: LocalRun, { viewers }: Audience): Promise<Map<string, StoredLog>> {
  const client = new DynamoDBClient({ endpoint: run.dynamodb.url, region: 'us-east-1', credentials: run.credentials });
  const tables = { requests: run.physicalName('Requests/Table'), events: run.physicalName('Events/Table') };
  const store = new DynamoStore(client, tables, platform);
  const logs = new Map<string, StoredLog>();
  for (const { id, user } of viewers) {
    if (logs.has(id)) continue;
    const item = await store.get('requests', { requestKey: requestKey({ tenant: `tenant-${user}`, user }, id) });
    const request = item && decodeRequest(item);
    const entries = request ? await store.query({ table: 'events', partition: logKey(request), from: 0 }) : [];
    logs.set(id, storedLog(request?.status, entries));
  }
  return logs;
}
