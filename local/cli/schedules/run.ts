import { PATHS } from '../../run/http/endpoints';
import type { RunningSchedule, ScheduleOutcome, StartedSchedule } from '../../run/types';
import { findRun } from '../client/find-run';
import { type CliIo, DONE, FAILED } from '../command';
import { table } from '../requests/table';

interface SchedulesOptions {
  readonly json: boolean;
  /** Schedule to run; absent to list the schedules. */
  readonly name?: string;
  /** Maximum time in milliseconds to wait for the end of the request. */
  readonly waitMs?: number;
}

type Io = Pick<CliIo, 'write' | 'tell' | 'cwd'>;

/** Runs `cdk-streamer schedules`. @returns the exit code */
export async function runSchedules({ json, name, waitMs = 0 }: SchedulesOptions, io: Io): Promise<number> {
  const { endpoint } = await findRun(io.cwd);
  const url = `${endpoint}${PATHS.schedules}`;
  return name === undefined ? list(url, json, io) : start(url, { name, waitMs }, json, io);
}

async function list(url: string, json: boolean, io: Io): Promise<number> {
  const { schedules } = (await (await fetch(url)).json()) as { schedules: RunningSchedule[] };
  if (json) for (const schedule of schedules) io.write(JSON.stringify(schedule));
  else if (schedules.length === 0) io.tell('the app has no schedules');
  else for (const line of table(HEAD, schedules.map(row))) io.write(line);
  return DONE;
}

const HEAD = ['NAME', 'NEXT RUN', 'TIMES', 'LAST RUN'];

function row({ name, expression, timeZone, enabled, nextAt, lastAt }: RunningSchedule): string[] {
  const times = timeZone === undefined ? expression : `${expression} ${timeZone}`;
  return [name, enabled ? iso(nextAt) : 'disabled', times, iso(lastAt)];
}

const iso = (time: number | undefined): string => (time === undefined ? '-' : new Date(time).toISOString());

type Answer = StartedSchedule & ScheduleOutcome;

async function start(url: string, body: { name: string; waitMs: number }, json: boolean, io: Io): Promise<number> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) {
    const { message } = (await response.json()) as { readonly message?: string };
    io.tell(`error: ${message ?? response.status}`);
    return FAILED;
  }
  const answer = (await response.json()) as Answer;
  if (json) io.write(JSON.stringify(answer));
  else if (answer.status !== undefined || !answer.error) io.write(describe(answer));
  if (!answer.error) return DONE;
  if (!json) io.tell(failure(answer, answer.error));
  return FAILED;
}

function describe({ name, scheduledAt, requestId, status }: Answer): string {
  const started = `${name} was started with the scheduled time ${iso(scheduledAt)}`;
  if (requestId === undefined) return started;
  return `${started}: request ${requestId}${status === undefined ? '' : ` is ${status}`}`;
}

/** Describes an error. Without a status, there is no request. */
function failure({ name, status }: Answer, { code, message }: NonNullable<ScheduleOutcome['error']>): string {
  const what = status === undefined ? `the run of ${name} submitted no request` : 'the request failed';
  return `error: ${what}: ${code}: ${message}`;
}
