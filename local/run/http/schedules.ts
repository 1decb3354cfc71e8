import { parseJsonObject, type RequestHandler, readBody } from '../../emulator/http';
import type { RunningSchedules } from '../types';
import { answerJson } from './pages';

const MAX_BODY_BYTES = 4096;

/** Lists the schedules (GET), or runs the schedule that the body names (POST). */
export function serveSchedules(schedules: RunningSchedules): RequestHandler {
  return async (req, res) => {
    if (req.method !== 'POST') return answerJson(res, { schedules: schedules.list() });
    const body = await readBody(req, MAX_BODY_BYTES);
    const { name } = (body && parseJsonObject(body.toString('utf8'))) ?? {};
    try {
      answerJson(res, schedules.run(String(name ?? '')));
    } catch (error) {
      answerJson(res, { message: (error as Error).message }, 404);
    }
  };
}
