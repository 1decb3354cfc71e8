import { PATHS } from '../../run/http/endpoints';
import type { RunningSchedule, StartedSchedule } from '../../run/types';
import { findRun } from '../client/find-run';
import { type CliIo, DONE, FAILED } from '../command';
import { table } from '../requests/table';

interface SchedulesOptions {
  readonly json: boolean;
  /** Schedule to run; absent to list the schedules. */
  readonly name?: string;
}

type Io = Pick<CliIo, 'write' | 'tell' | 'cwd'>;

/** Runs `cdk-streamer schedules`. @returns the exit code */
export async function runSchedules({ json, name }: SchedulesOptions, io: Io): Promise<number> {
  const { endpoint } = await findRun(io.cwd);
  const url = `${endpoint}${PATHS.schedules}`;
  return name === undefined ? list(url, json, io) : start(url, name, json, io);
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

async function start(url: string, name: string, json: boolean, io: Io): Promise<number> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ name }) });
  const answer = (await response.json()) as StartedSchedule & { readonly message?: string };
  if (!response.ok) {
    io.tell(`error: ${answer.message ?? response.status}`);
    return FAILED;
  }
  io.write(json ? JSON.stringify(answer) : describe(answer));
  return DONE;
}

function describe({ name, scheduledAt, requestId }: StartedSchedule): string {
  const started = `${name} was started with the scheduled time ${iso(scheduledAt)}`;
  return requestId === undefined ? started : `${started}: request ${requestId}`;
}
