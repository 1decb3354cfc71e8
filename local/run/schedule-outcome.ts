import { parseJsonObject } from '../emulator/http';
import type { DeliveryAnswer } from '../emulator/scheduler';
import type { Clock, InvokeResult } from '../emulator/types';
import type { ScheduleOutcome } from './types';

/** A run of a schedule that was delivered to its target. */
interface DeliveredRun {
  /** Event that the target received. */
  readonly json: string;
  /** Id of the request that the event submits; absent for an event of another kind. */
  readonly requestId?: string;
  readonly answer: Promise<DeliveryAnswer>;
}

interface Target {
  readonly clock: Clock;
  /** Invokes the function that the schedule invokes. */
  invoke(event: unknown): Promise<InvokeResult>;
}

/** Longest time between two reads of a request's status. */
const MAX_POLL_MS = 1_000;
const FIRST_POLL_MS = 100;

const ENDED: readonly unknown[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

/**
 * Waits for the target's answer. If the answer accepts a submission, the function also waits for the end of the
 * request, for `waitMs` at most. The status comes from the submit function, in the form that SERVER.md defines.
 */
export async function outcomeOf(run: DeliveredRun, target: Target, waitMs: number): Promise<ScheduleOutcome> {
  const answer = await run.answer;
  if (!answer.ok) return { error: { code: answer.error.name, message: answer.error.message } };
  if (run.requestId === undefined) return {};
  const { user, tenant } = parseJsonObject(run.json) ?? {};
  const until = target.clock.now() + waitMs;
  let found = reportOf(answer.payload);
  for (let pause = FIRST_POLL_MS; canChange(found) && target.clock.now() < until; pause *= 2) {
    const rest = until - target.clock.now();
    await sleep(target.clock, Math.min(pause, rest, MAX_POLL_MS));
    const status = await target.invoke({ type: 'status', id: run.requestId, user, tenant }).catch(() => undefined);
    if (status?.ok) found = reportOf(status.payload);
  }
  return found;
}

const canChange = ({ status, error }: ScheduleOutcome): boolean => error === undefined && !ENDED.includes(status);

/**
 * Reads an answer of the submit function. The outcome has an error if the request was cancelled or failed, or if the
 * submission was refused.
 */
function reportOf(payload: unknown): ScheduleOutcome {
  const { status, error } = (payload ?? {}) as { status?: string; error?: { code: string; message: string } };
  return {
    ...(status !== undefined && { status }),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}

const sleep = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms));
