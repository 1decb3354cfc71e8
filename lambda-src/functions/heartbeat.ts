import { parentPort } from 'node:worker_threads';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { renew } from '../core/transitions';
import { hideForLease } from '../gateway/sqs-queues';
import { CONSTANTS } from '../protocol';
import { readEnv, tableNames } from '../runtime/config';
import type { HeartbeatCommand, LeaseLost } from '../runtime/heartbeat';
import { world } from '../runtime/world';
import { DynamoStore } from '../stores/dynamo-store';

/**
 * The thread that keeps a processor's lease and its message.
 *
 * The processor brings the message's visibility down to the lease at its claim; from then on both are renewed together. So
 * a message whose function died comes back when its lease ends, not when the queue's long timeout does.
 */

const RENEW_MS = CONSTANTS.timing.leaseRenewSeconds * 1000;

type Start = Extract<HeartbeatCommand, { kind: 'start' }>;

const { queueUrl } = readEnv(['queueUrl']);
const store = new DynamoStore(new DynamoDBClient({}), tableNames(), world.newId);
const sqs = new SQSClient({});
let timer: NodeJS.Timeout | undefined;

parentPort?.on('message', (command: HeartbeatCommand) => {
  clearInterval(timer);
  if (command.kind === 'stop') return;
  timer = setInterval(() => void beat(command), RENEW_MS);
});

async function beat(claim: Start): Promise<void> {
  try {
    const { applied } = await store.write(renew(claim, world.now()));
    if (applied) return await hideForLease(sqs, queueUrl, claim.receiptHandle);
    clearInterval(timer);
    parentPort?.postMessage({ kind: 'lost', fence: claim.fence } satisfies LeaseLost);
  } catch {
    // the next beat tries again: a lease outlives two that fail
  }
}
