import { parentPort } from 'node:worker_threads';
import { SQSClient } from '@aws-sdk/client-sqs';
import { hideForLease } from '../aws/sqs-queues';
import type { Claim } from '../core';
import { renewClaim } from '../flows/attempt/claim';
import { CONSTANTS } from '../protocol';
import { createStore, platform, REQUEST_HANDLER, readEnv } from '../runtime';
import { claimId, type HeartbeatCommand, type LeaseLost } from '../runtime/heartbeat';

/**
 * The thread that renews a processor's lease and its message's visibility timeout.
 *
 * When the processor claims a request, it shortens the message's visibility timeout to the lease. From then on, this thread renews both together. If
 * the function dies, the message is therefore received again when the lease ends, and not only when the queue's long visibility timeout ends.
 *
 * The thread also ends the attempt of a handler that blocks the main thread beyond its deadline. The main thread cannot do this itself, because it is
 * busy until Lambda ends it.
 */

const RENEW_MS = CONSTANTS.timing.leaseRenewSeconds * 1000;
/** Milliseconds between two attempts to write the end, until Lambda ends the function. */
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
    // The next heartbeat repeats the renewal: the lease lasts long enough for two failed renewals.
  }
}

/**
 * Ends the attempt. The claim's fence guards the write, so it has no effect if the attempt has already ended. The dispatcher logs and sends the end.
 */
async function endOverdue(claim: Start): Promise<void> {
  try {
    for (const write of claim.overdue.writes) if ((await store.write(write)).applied) break;
    lose(claim);
  } catch {
    const mine = timers.get(claimId(claim));
    if (mine) mine.end = setTimeout(() => void endOverdue(claim), END_AGAIN_MS);
  }
}

/** Handles a lost lease. If the attempt has just ended, a renewal in progress also finds no lease, which is not an error. */
function lose(claim: Claim): void {
  if (!timers.has(claimId(claim))) return;
  stop(claim);
  const { requestKey, fence } = claim;
  parentPort?.postMessage({ kind: 'lost', requestKey, fence } satisfies LeaseLost);
}
