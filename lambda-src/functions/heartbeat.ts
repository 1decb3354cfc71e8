import { parentPort } from 'node:worker_threads';
import { SQSClient } from '@aws-sdk/client-sqs';
import { hideForLease } from '../aws/sqs-queues';
import type { Claim } from '../core';
import { renewClaim } from '../flows/attempt/claim';
import { CONSTANTS } from '../protocol';
import { createStore, platform, REQUEST_HANDLER, readEnv } from '../runtime';
import { claimId, type HeartbeatCommand, type LeaseLost } from '../runtime/heartbeat';

/**
 * The thread that renews a processor's lease and its message.
 *
 * The processor shortens the message's visibility timeout to the lease at its claim; from then on both are renewed together. So a message
 * whose function died is received again when its lease ends, not when the queue's long timeout ends.
 *
 * The thread also ends the attempt of a handler that blocks the main thread beyond its deadline, since the main thread is then busy until
 * Lambda ends it.
 */

const RENEW_MS = CONSTANTS.timing.leaseRenewSeconds * 1000;
/** Interval at which a failed write of the end is retried, until Lambda ends the function. */
const END_AGAIN_MS = 500;

type Start = Extract<HeartbeatCommand, { kind: 'start' }>;

interface Timers {
  readonly beat: NodeJS.Timeout;
  end: NodeJS.Timeout | undefined;
}

const { queueUrl } = readEnv(['queueUrl']);
const store = createStore();
const sqs = new SQSClient({ requestHandler: REQUEST_HANDLER });
const timers = new Map<string, Timers>();

parentPort?.on('message', (command: HeartbeatCommand) => {
  if (command.kind === 'handlerEnded') return clearTimeout(timers.get(claimId(command))?.end);
  stop(command);
  if (command.kind === 'start') start(command);
});

function start(command: Start): void {
  const beating = setInterval(() => void beat(command), RENEW_MS);
  const end = setTimeout(() => void endOverdue(command), Math.max(0, command.overdue.at - platform.now()));
  timers.set(claimId(command), { beat: beating, end });
}

function stop(claim: Claim): void {
  const { beat, end } = timers.get(claimId(claim)) ?? {};
  clearInterval(beat);
  clearTimeout(end);
  timers.delete(claimId(claim));
}

async function beat(claim: Start): Promise<void> {
  try {
    if (await renewClaim(store, claim, platform.now())) return await hideForLease(sqs, queueUrl, claim.receiptHandle);
    lose(claim);
  } catch {
    // the next heartbeat tries again: a lease survives two failed renewals
  }
}

/** Ends the attempt with a write that the claim's fence guards: it has no effect if the attempt has already ended. The dispatcher logs and sends the end. */
async function endOverdue(claim: Start): Promise<void> {
  try {
    for (const write of claim.overdue.writes) if ((await store.write(write)).applied) break;
    lose(claim);
  } catch {
    const mine = timers.get(claimId(claim));
    if (mine) mine.end = setTimeout(() => void endOverdue(claim), END_AGAIN_MS);
  }
}

/** A renewal in progress when the attempt ends finds no lease, which is not an error. */
function lose(claim: Claim): void {
  if (!timers.has(claimId(claim))) return;
  stop(claim);
  const { requestKey, fence } = claim;
  parentPort?.postMessage({ kind: 'lost', requestKey, fence } satisfies LeaseLost);
}
