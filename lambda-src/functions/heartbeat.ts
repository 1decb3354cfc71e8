import { parentPort } from 'node:worker_threads';
import { SQSClient } from '@aws-sdk/client-sqs';
import { direct } from '../aws/direct/direct-client';
import { SQS } from '../aws/direct/sqs';
import { deleteMessage, hideForLease } from '../aws/sqs-queues';
import {
  type CancelReason,
  type Claim,
  cancelled,
  cancelledOutcome,
  decodeHead,
  headKey,
  isCancelHint,
  type WriteTime,
} from '../core';
import { renewClaim } from '../flows/attempt/claim';
import { cancelIfLeft } from '../flows/viewers/leaving';
import { CONSTANTS } from '../protocol';
import { createStore, platform, REQUEST_HANDLER, readEnv } from '../runtime';
import { claimId, type HeartbeatCommand, type HeartbeatReport } from '../runtime/heartbeat';

/**
 * The thread that renews a processor's lease and its message's visibility timeout.
 *
 * When the processor claims a request, it shortens the message's visibility timeout to the lease. From then on, this thread renews both together. If
 * the function dies, the message is therefore received again when the lease ends, and not only when the queue's long visibility timeout ends.
 *
 * The thread also ends the attempt of a handler that blocks the main thread beyond its deadline. The main thread is then busy until Lambda ends it. A
 * handler that blocks the main thread cannot receive a signal either: if its request is cancelled, the thread ends the attempt and the process.
 */

const RENEW_MS = CONSTANTS.timing.leaseRenewSeconds * 1000;
/** Milliseconds between two attempts to write the end, until Lambda ends the function. */
const END_AGAIN_MS = 500;
/**
 * If the main thread reports no read or write of the head for this time, it counts as blocked, and this thread reads the head in its place. A main
 * thread that is not blocked reads the head more often.
 */
const BLOCKED_MS = 800;
/**
 * If the main thread reports no read or write of the head for this time, this thread ends a cancelled attempt. Otherwise, the main thread ends it.
 */
const STOP_MS = 900;

type Start = Extract<HeartbeatCommand, { kind: 'start' }>;

interface Timers {
  readonly beat: NodeJS.Timeout;
  /** Reads the head, unless the main thread does. */
  readonly watch: NodeJS.Timeout;
  end: NodeJS.Timeout | undefined;
  /** Whether the main thread was notified of a cancellation. */
  isCancelled: boolean;
}

const { retentionSeconds } = readEnv(['retentionSeconds']);
const writeTime = (): WriteTime => ({ now: platform.now(), retentionSeconds: Number(retentionSeconds) });
const store = createStore();
const sqs = direct(new SQSClient({ requestHandler: REQUEST_HANDLER }), SQS);
const timers = new Map<string, Timers>();

parentPort?.on('message', (command: HeartbeatCommand) => {
  if (command.kind === 'sawHead') return sawHead(command);
  if (command.kind === 'handlerEnded') return handlerEnded(command);
  stop(command);
  if (command.kind === 'start') start(command);
});

function start(command: Start): void {
  const beating = setInterval(() => void beat(command), RENEW_MS);
  const watch = setInterval(() => void readHead(command), BLOCKED_MS);
  const end = setTimeout(() => void endOverdue(command), Math.max(0, command.overdue.at - platform.now()));
  timers.set(claimId(command), { beat: beating, watch, end, isCancelled: false });
}

function sawHead(claim: Claim): void {
  const mine = timers.get(claimId(claim));
  if (mine?.isCancelled) mine.end?.refresh();
  else mine?.watch.refresh();
}

/** Leaves the end of the attempt to the main thread. */
function handlerEnded(claim: Claim): void {
  const { watch, end } = timers.get(claimId(claim)) ?? {};
  clearInterval(watch);
  clearTimeout(end);
}

function stop(claim: Claim): void {
  clearInterval(timers.get(claimId(claim))?.beat);
  handlerEnded(claim);
  timers.delete(claimId(claim));
}

async function beat(claim: Start): Promise<void> {
  try {
    const { held, cancelled: reason } = await renewClaim(store, claim, platform.now());
    if (!held) return lose(claim);
    if (reason) cancel(claim, reason);
    await hideForLease(sqs, claim.queueUrl, claim.receiptHandle);
  } catch {
    // The next heartbeat repeats the renewal: the lease lasts long enough for two failed renewals.
  }
}

async function readHead(claim: Start): Promise<void> {
  try {
    const head = decodeHead(await store.get('events', headKey(claim.logKey), 'eventual'));
    const reason = isCancelHint(head, claim) ? head : await leftReason(claim);
    if (reason) cancel(claim, reason);
  } catch {
    // the next interval reads it again
  }
}

/** Checks the viewers while the main thread is blocked. @returns the reason if the attempt has to stop */
const leftReason = async ({ leavable }: Start): Promise<CancelReason | undefined> =>
  leavable && cancelIfLeft({ store, platform }, leavable);

/** Notifies the main thread. If the main thread does not end the attempt, it is blocked, or its handler ignores the signal. */
function cancel(claim: Start, { cancelReason }: CancelReason): void {
  const mine = timers.get(claimId(claim));
  if (!mine || mine.isCancelled) return;
  mine.isCancelled = true;
  clearInterval(mine.watch);
  clearTimeout(mine.end);
  mine.end = setTimeout(() => void endCancelled(claim, { cancelReason }), STOP_MS);
  report({ kind: 'cancelled', ...idOf(claim), cancelReason });
}

/**
 * Ends the attempt and the process, because only the end of the process ends a handler that blocks the main thread. The end of the process makes the
 * invocation fail. The message must not be received again then, so it is deleted first. The dispatcher appends the terminal entry and sends it.
 */
async function endCancelled(claim: Start, reason: CancelReason): Promise<void> {
  try {
    const { applied } = await store.write(cancelled(claim, cancelledOutcome(reason), writeTime()));
    if (applied) await endProcess(claim);
  } catch {
    endAgain(claim, () => endCancelled(claim, reason));
  }
}

async function endProcess({ queueUrl, receiptHandle }: Start): Promise<void> {
  await deleteMessage(sqs, queueUrl, receiptHandle);
  process.kill(process.pid, 'SIGKILL');
}

function endAgain(claim: Claim, end: () => Promise<void>): void {
  const mine = timers.get(claimId(claim));
  if (mine) mine.end = setTimeout(() => void end(), END_AGAIN_MS);
}

/**
 * Ends the attempt. The claim's fence guards the write, so it has no effect if the attempt has already ended. If the write ends the run, the
 * dispatcher appends the terminal entry and sends it.
 */
async function endOverdue(claim: Start): Promise<void> {
  try {
    for (const write of claim.overdue.writes) {
      if (!(await store.write(write)).applied) continue;
      if (claim.overdue.endsProcess) return await endProcess(claim);
      break;
    }
    lose(claim);
  } catch {
    endAgain(claim, () => endOverdue(claim));
  }
}

/** Handles a lost lease. If the attempt has just ended, a renewal in progress also finds no lease, which is not an error. */
function lose(claim: Claim): void {
  if (!timers.has(claimId(claim))) return;
  stop(claim);
  report({ kind: 'lost', ...idOf(claim) });
}

const idOf = ({ requestKey, fence }: Claim): Claim => ({ requestKey, fence });

const report = (message: HeartbeatReport): void => parentPort?.postMessage(message);
