import { parseJsonObject, type RequestHandler, readBody } from '../../emulator/http';
import type { RunningSchedules } from '../types';
import { answerJson } from './pages';

const MAX_BODY_BYTES = 4096;

/** Longest time for which a caller can wait for the end of a request. */
const MAX_WAIT_MS = 3_600_000;

/**
 * Lists the schedules (GET), or runs the schedule that the body names (POST). The answer to POST contains the outcome, as far as it is known after
 * `waitMs`.
 */
export function serveSchedules(schedules: RunningSchedules): RequestHandler {
  return async (req, res) => {
    if (req.method !== 'POST') return answerJson(res, { schedules: schedules.list() });
    const body = await readBody(req, MAX_BODY_BYTES);
    const { name, waitMs } = (body && parseJsonObject(body.toString('utf8'))) ?? {};
    try {
      const { outcome, ...started } = schedules.run(String(name ?? ''));
      answerJson(res, { ...started, ...(await outcome(waitOf(waitMs))) });
    } catch (error) {
      answerJson(res, { message: (error as Error).message }, 404);
    }
  };
}

const waitOf = (ms: unknown): number => (typeof ms === 'number' ? Math.min(Math.max(0, ms), MAX_WAIT_MS) : 0);
