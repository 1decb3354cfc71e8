import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { UsageError } from '../../../../local/cli/arguments';
import { writeRunFile } from '../../../../local/cli/client/run-file';
import type { CliIo } from '../../../../local/cli/command';
import { schedulesCommand } from '../../../../local/cli/commands/schedules';
import { PATHS } from '../../../../local/run/http/endpoints';
import { serveSchedules } from '../../../../local/run/http/schedules';
import type { RunningSchedule, ScheduleOutcome } from '../../../../local/run/types';

const folder = mkdtempSync(join(tmpdir(), 'schedules-command-'));
let schedules: RunningSchedule[];
let written: string[];
let told: string[];
let outcome: ScheduleOutcome;
let waited: number[];

const serve = serveSchedules({
  list: () => schedules,
  run: (name) => {
    if (name !== 'nightly') throw new Error(`no schedule is named ${name}: report/nightly`);
    return {
      name: 'report/nightly',
      scheduledAt: Date.UTC(2026, 0, 1),
      requestId: 'r-1',
      outcome: async (ms) => {
        waited.push(ms);
        return outcome;
      },
    };
  },
});
const server = createServer((req, res) => {
  if (req.url === PATHS.schedules) void serve(req, res);
  else res.end(JSON.stringify({ pid: process.pid, urls: {}, actions: [] }));
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeRunFile(folder, { endpoint, pid: process.pid, variables: {} });
});

beforeEach(() => {
  [written, told, waited] = [[], [], []];
  outcome = {};
  schedules = [
    {
      name: 'report/nightly',
      action: 'report',
      expression: 'cron(0 3 * * ? *)',
      timeZone: 'Europe/Berlin',
      enabled: true,
      nextAt: Date.UTC(2026, 0, 2, 2),
      lastAt: Date.UTC(2026, 0, 1, 2),
    },
    { name: 'report/off', expression: 'rate(1 hour)', enabled: false },
  ];
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function run(positionals: string[], values: object = {}): Promise<number> {
  const write = (line: string) => void written.push(stripVTControlCharacters(line));
  const io = { cwd: folder, write, tell: (line: string) => void told.push(line) } as unknown as CliIo;
  return schedulesCommand.run(schedulesCommand.parse({ values: values as never, positionals }), io);
}

test('list prints a table of the schedules with their next runs', async () => {
  expect(await run(['list'])).toBe(0);
  expect(written).toEqual([
    'NAME            NEXT RUN                  TIMES                            LAST RUN',
    'report/nightly  2026-01-02T02:00:00.000Z  cron(0 3 * * ? *) Europe/Berlin  2026-01-01T02:00:00.000Z',
    'report/off      disabled                  rate(1 hour)                     -',
  ]);
});

test('list prints JSON lines for scripts', async () => {
  expect(await run(['list'], { json: true })).toBe(0);
  expect(written.map((line) => JSON.parse(line))).toEqual(schedules);
});

test('list reports that the app has no schedules', async () => {
  schedules = [];
  expect(await run(['list'])).toBe(0);
  expect([written, told]).toEqual([[], ['the app has no schedules']]);
});

test('run starts a schedule and prints the id of its request', async () => {
  expect(await run(['run', 'nightly'])).toBe(0);
  expect(await run(['run', 'nightly'], { json: true })).toBe(0);
  expect(written[0]).toBe('report/nightly was started with the scheduled time 2026-01-01T00:00:00.000Z: request r-1');
  expect(JSON.parse(written[1])).toEqual({
    name: 'report/nightly',
    scheduledAt: Date.UTC(2026, 0, 1),
    requestId: 'r-1',
  });
});

test('run fails with the code if the submit function refuses the submission', async () => {
  outcome = { error: { code: 'INVALID_INPUT', message: 'kind must be a string' } };
  expect(await run(['run', 'nightly'])).toBe(1);
  expect(written).toEqual([]);
  expect(told).toEqual(['error: the run of report/nightly submitted no request: INVALID_INPUT: kind must be a string']);
  expect(await run(['run', 'nightly'], { json: true })).toBe(1);
  expect(JSON.parse(written[0])).toMatchObject({ requestId: 'r-1', ...outcome });
});

test('run fails with the code if the request fails within the time of --wait', async () => {
  outcome = { status: 'FAILED', error: { code: 'INVALID_INPUT', message: 'kind must be a string' } };
  expect(await run(['run', 'nightly'], { wait: '60' })).toBe(1);
  expect(waited).toEqual([60_000]);
  expect(written).toEqual([
    'report/nightly was started with the scheduled time 2026-01-01T00:00:00.000Z: request r-1 is FAILED',
  ]);
  expect(told).toEqual(['error: the request failed: INVALID_INPUT: kind must be a string']);
});

test('run waits for five seconds by default, and succeeds if the request still runs', async () => {
  outcome = { status: 'RUNNING' };
  expect(await run(['run', 'nightly'])).toBe(0);
  expect(waited).toEqual([5_000]);
  expect(written[0]).toMatch(/request r-1 is RUNNING$/);
});

test('a time of --wait that is no number is refused', () => {
  expect(() => schedulesCommand.parse({ values: { wait: 'long' } as never, positionals: ['run', 'nightly'] })).toThrow(
    '--wait must be a whole number from 0 to 3600, got: long',
  );
});

test('run of a schedule that does not exist fails with the names of those that exist', async () => {
  expect(await run(['run', 'weekly'])).toBe(1);
  expect(told).toEqual(['error: no schedule is named weekly: report/nightly']);
});

test.each([
  [[]],
  [['list', 'x']],
  [['run']],
  [['run', 'a', 'b']],
  [['fire', 'a']],
])('the arguments %j are refused with the usage', (positionals) => {
  expect(() => schedulesCommand.parse({ values: {}, positionals })).toThrow(UsageError);
});
