import { randomUUID } from 'node:crypto';
import { serveAlone } from '../http';
import { type LogSink, systemClock } from '../types';
import { CallLedger } from './call-ledger';
import { Engine } from './engine/engine';
import { LocalStreamReader } from './engine/stream-reader';
import { tableMethods } from './table-methods';
import type { DynamoDb, DynamoDbEndpoint, EmbeddedDynamoDbOptions } from './types';
import { dynamoDbApi, parseBody } from './wire/service';

/** Creates the embedded DynamoDB. Without `state`, `close()` discards all data. */
export function createDynamoDb(options: EmbeddedDynamoDbOptions = {}): DynamoDb {
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
    indexLagMs: options.indexLagMs,
    onCall: (call) => {
      ledger.add(call);
      options.onCall?.(call);
    },
  });
  return {
    api: dynamoDbApi(async ({ target, body }) => ({
      status: 200,
      body: JSON.stringify(await engine.execute(target, parseBody(body))),
    })),
    ...tableMethods((target, input) => engine.execute(target, input)),
    stream: (arn) => new LocalStreamReader(engine.streams.byArn(arn)),
    calls: () => ledger.list(),
    close: async () => engine.close(),
  };
}

/** Starts the embedded DynamoDB on a separate loopback port. It accepts any signature. */
export async function startDynamoDb(options: EmbeddedDynamoDbOptions = {}): Promise<DynamoDbEndpoint> {
  return onOwnPort(createDynamoDb(options), options.log);
}

/** Serves a DynamoDB on a loopback port. Its `close()` closes the port and the DynamoDB. */
export async function onOwnPort(dynamodb: DynamoDb, log?: LogSink): Promise<DynamoDbEndpoint> {
  const { url, close } = await serveAlone(dynamodb.api, { log });
  return {
    ...dynamodb,
    url,
    close: async () => {
      await close();
      await dynamodb.close();
    },
  };
}
