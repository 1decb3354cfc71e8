import { randomUUID } from 'node:crypto';
import { systemClock } from '../types';
import { CallLedger } from './call-ledger';
import { Engine } from './engine/engine';
import { LocalStreamReader } from './engine/stream-reader';
import { tableMethods } from './table-methods';
import type { DynamoDbEndpoint, EmbeddedDynamoDbOptions } from './types';
import { parseBody, WireServer } from './wire/server';

/** Starts the embedded DynamoDB on a loopback port. Without `state`, `close()` discards all data. */
export async function startDynamoDb(options: EmbeddedDynamoDbOptions = {}): Promise<DynamoDbEndpoint> {
  const ledger = new CallLedger();
  const newId = options.newId ?? (() => randomUUID().replaceAll('-', ''));
  const engine = new Engine({
    region: options.region ?? 'us-east-1',
    accountId: options.accountId ?? '000000000000',
    streamShards: options.streamShards ?? 1,
    timeToLiveSweepMs: options.timeToLiveSweepMs ?? 1000,
    clock: options.clock ?? systemClock,
    newId,
    state: options.state,
    onCall: (call) => {
      ledger.add(call);
      options.onCall?.(call);
    },
  });
  const server = new WireServer({
    port: options.port ?? 0,
    signatures: options.signatures,
    newId,
    answer: async ({ target, body }) => ({
      status: 200,
      body: JSON.stringify(await engine.execute(target, parseBody(body))),
    }),
    onFailure: (error, target) =>
      options.log?.({ source: 'dynamodb', level: 'error', message: `${target} failed`, detail: String(error) }),
  });
  const url = await server.listen();
  return {
    url,
    door: server.door(url),
    ...tableMethods((target, input) => engine.execute(target, input)),
    stream: (arn) => new LocalStreamReader(engine.streams.byArn(arn)),
    calls: () => ledger.list(),
    close: async () => {
      engine.close();
      await server.close();
    },
  };
}
