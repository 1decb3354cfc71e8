import { parentPort } from 'node:worker_threads';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Claim, renew } from '../core/transitions';
import { hideForLease } from '../gateway/sqs-queues';
import { CONSTANTS } from '../protocol';
import { readEnv } from '../runtime/config';
import { createStore } from '../runtime/deps';
import { claimId, type HeartbeatCommand, type LeaseLost } from '../runtime/heartbeat';
import { REQUEST_HANDLER } from '../runtime/http';
import { world } from '../runtime/world';

/**
 * The thread that keeps a processor's lease and its message.
 *
 * The processor brings the message's visibility down to the lease at its claim; from then on both are renewed together. So
 * a message whose function died comes back when its lease ends, not when the queue's long timeout does.
 */

const RENEW_MS = CONSTANTS.timing.leaseRenewSeconds * 1000;

type Start = Extract<HeartbeatCommand, { kind: 'start' }>;

const { queueUrl } = readEnv(['queueUrl']);
const store = createStore();
const sqs = new SQSClient({ requestHandler: REQUEST_HANDLER });
const timers = new Map<string, NodeJS.Timeout>();

parentPort?.on('message', (command: HeartbeatCommand) => {
  stop(command);
  if (command.kind === 'start')
    timers.set(
      claimId(command),
      setInterval(() => void beat(command), RENEW_MS),
    );
});

function stop(claim: Claim): void {
  clearInterval(timers.get(claimId(claim)));
  timers.delete(claimId(claim));
}

async function beat(claim: Start): Promise<void> {
  try {
    const { applied } = await store.write(renew(claim, world.now()));
    if (applied) return await hideForLease(sqs, queueUrl, claim.receiptHandle);
    // a renewal that was under way when the attempt ended finds no lease: nothing was lost
    if (!timers.has(claimId(claim))) return;
    stop(claim);
    const { requestKey, fence } = claim;
    parentPort?.postMessage({ kind: 'lost', requestKey, fence } satisfies LeaseLost);
  } catch {
    // the next beat tries again: a lease outlives two that fail
  }
}
