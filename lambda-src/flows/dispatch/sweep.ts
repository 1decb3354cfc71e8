import { DUE_SHARDS, REQUESTS } from '../../../src/contract';
import {
  deadOutcome,
  decodeRequest,
  dueBucket,
  endPending,
  MAX_WAIT_MS,
  minuteOf,
  type Outcome,
  type RequestItem,
  recoveryWrite,
  requestItemKey,
  SILENCE_MS,
  startedKey,
  type Write,
} from '../../core';
import { StreamerError } from '../../protocol';
import { wakeLine } from '../caps/line';
import { type Deps, writeTimeOf } from '../ports';

/** Number of minutes before the watermark that every sweep reads again, because the index may lag behind the table. */
const REREAD_MINUTES = 3;
/**
 * Number of minutes before the watermark whose due keys are read again, but only in every fourth sweep. A function runs for at most 15 minutes, so it
 * cannot write a due key that is older.
 */
const LATEST_WRITE_MINUTES = 16;
const LATE_STRIDE = 4;
/** Maximum minutes per sweep. After a longer pause, several sweeps catch up, and the oldest minutes come first. */
const MAX_MINUTES_PER_RUN = 60;
/** Maximum minutes for which one request that cannot be handled keeps the watermark back. After that, other requests must not wait for it. */
const MAX_HELD_MINUTES = 30;
const WATERMARK_KEY = requestItemKey('#sweeper');

/** Number of requests that a sweep changed, and number of requests that it could not handle. */
export interface Sweep {
  readonly changed: number;
  readonly failed: number;
}

/**
 * Finds requests in the due index whose message was lost or whose processor died, and makes them continue.
 *
 * The sweep never sends to a queue itself. Each of its writes reaches the dispatcher through the stream.
 */
export async function sweep(parts: Deps): Promise<Sweep> {
  const deps = { ...parts, lines: new Set<string>() };
  const thisMinute = minuteOf(deps.platform.now());
  const watermark = await readWatermark(deps, thisMinute);
  const last = Math.min(thisMinute, watermark + MAX_MINUTES_PER_RUN);
  let total: Sweep = { changed: 0, failed: 0 };
  for (const minute of minutesToRead(watermark, last)) total = sum([total, await sweepMinute(deps, minute)]);
  await writeWatermark(deps, total.failed === 0 ? last : Math.max(watermark, last - MAX_HELD_MINUTES));
  return total;
}

interface SweepDeps extends Deps {
  /** Keys of the lines that this sweep has checked. */
  readonly lines: Set<string>;
}

const sum = (sweeps: readonly Sweep[]): Sweep => ({
  changed: sweeps.reduce((n, { changed }) => n + changed, 0),
  failed: sweeps.reduce((n, { failed }) => n + failed, 0),
});

function minutesToRead(watermark: number, last: number): number[] {
  const minutes = Array.from({ length: last - watermark + LATEST_WRITE_MINUTES + 1 }, (_, age) => last - age);
  return minutes
    .filter((minute) => minute >= watermark - REREAD_MINUTES || (last - minute) % LATE_STRIDE === 0)
    .reverse();
}

async function sweepMinute(deps: SweepDeps, minute: number): Promise<Sweep> {
  const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => dueBucket(minute, shard));
  return sum(await Promise.all(shards.map((bucket) => sweepBucket(deps, bucket))));
}

async function sweepBucket(deps: SweepDeps, bucket: string): Promise<Sweep> {
  const due = await deps.store.query({ table: 'requests', index: REQUESTS.due, partition: bucket });
  let [changed, failed] = [0, 0];
  for (const { requestKey } of due) {
    try {
      if (await sweepRequest(deps, String(requestKey))) changed++;
    } catch (error) {
      failed++;
      deps.log.error('could not handle a request that is due', { requestKey, error });
    }
  }
  return { changed, failed };
}

/** Maximum number of times in a row that a request may change while the sweeper handles it. */
const ROUNDS = 3;

/**
 * Handles a request that may be due. If another function changes the request at the same time, the request is handled again, because a claim keeps the
 * due key that the sweeper is about to pass.
 */
async function sweepRequest(deps: SweepDeps, requestKey: string): Promise<boolean> {
  let item = await deps.store.get('requests', requestItemKey(requestKey));
  for (let round = 0; round < ROUNDS; round++) {
    const request = item && decodeRequest(item);
    if (request?.status === 'WAITING') await checkLine(deps, request);
    const write = request && (await recoveryOrSilence(deps, request));
    if (write === undefined) return false;
    const { applied, item: changed } = await deps.store.write(write);
    if (applied) return true;
    item = changed;
  }
  throw new Error('the request changed several times while it was handled');
}

/**
 * If the cap of the line has free slots, wakes the first requests of the line, once per sweep. The function that freed the slots may have ended
 * before it woke a request.
 */
async function checkLine(deps: SweepDeps, { line }: RequestItem): Promise<void> {
  if (line === undefined || deps.lines.has(line.key)) return;
  deps.lines.add(line.key);
  await wakeLine(deps, line);
}

async function recoveryOrSilence(deps: Deps, request: RequestItem): Promise<Write | undefined> {
  const at = writeTimeOf(deps);
  const write = recoveryWrite(request, at);
  const waited = at.now - request.pendingSince;
  if (!write || request.status !== 'PENDING' || request.cancelRequested || waited < SILENCE_MS) return write;
  if (waited < MAX_WAIT_MS && at.now - (await lastStart(deps, request.action)) < SILENCE_MS) return write;
  return endPending(request, 'FAILED', notStarted(request, at.now), at);
}

/** Returns the time at which the action's function last started a request. It is accurate to a few minutes. */
async function lastStart(deps: Deps, action: string): Promise<number> {
  return Number((await deps.store.get('requests', startedKey(action)))?.startedAt ?? 0);
}

const notStarted = ({ pendingSince, attempt }: RequestItem, now: number): Outcome => {
  const message = 'No function could start this request, or any other request of its action.';
  const details = { waitedSeconds: Math.floor((now - pendingSince) / 1000), attempt };
  return deadOutcome(new StreamerError('NOT_STARTED', message, { details }).toWire());
};

async function readWatermark(deps: Deps, thisMinute: number): Promise<number> {
  const item = await deps.store.get('requests', WATERMARK_KEY);
  return typeof item?.minute === 'number' ? item.minute : thisMinute;
}

async function writeWatermark(deps: Deps, minute: number): Promise<void> {
  await deps.store.write({ kind: 'update', table: 'requests', key: WATERMARK_KEY, set: { minute } });
}
