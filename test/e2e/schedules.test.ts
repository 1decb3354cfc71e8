import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, TimeZone } from 'aws-cdk-lib';
import { ContextAttribute, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import type { Browser } from 'playwright-core';
import { systemClock } from '../../local/emulator/types';
import { type LocalRun, startLocalRun } from '../../local/run';
import { browserTest, launchChromium, newPage } from './chromium';
import { until } from './run';

/** An app with schedules, from its construct to the requests that they submit. */
jest.setTimeout(300_000);

const MINUTE = 60_000;
const BEFORE_MS = 8_000;
/** A clock that shows the last seconds of a minute, so that a schedule that runs each minute runs soon. */
const offset = MINUTE - (Date.now() % MINUTE) - BEFORE_MS;
const clock = { ...systemClock, now: () => Date.now() + offset };

let browser: Browser | undefined;
let run: LocalRun;
const dir = mkdtempSync(join(tmpdir(), 'streamer-schedules-'));
const lines: string[] = [];

function scheduledApp(): App {
  const app = new App({ outdir: dir });
  const owner = { user: 'night', tenant: 'acme' };
  const input = { steps: 1, stepMs: 1, at: ContextAttribute.scheduledTime };
  new StreamerApi(new Stack(app, 'Scheduled'), 'Streamer', {
    projectRoot: join(__dirname, 'fixture'),
    auth: StreamerAuth.none(),
    handlers: {
      steps: StreamerHandler.async('handlers/steps.ts', {
        schedules: [
          {
            ...owner,
            name: 'minutely',
            schedule: ScheduleExpression.cron({ minute: '*', timeZone: TimeZone.ASIA_KOLKATA }),
            input,
          },
          {
            ...owner,
            name: 'off',
            schedule: ScheduleExpression.expression('rate(1 day)'),
            input: { ...input, steps: 2 },
            enabled: false,
          },
        ],
      }),
    },
  });
  return app;
}

beforeAll(async () => {
  scheduledApp().synth();
  run = await startLocalRun({
    assemblyDir: dir,
    port: 0,
    clock,
    log: ({ source, message }) => lines.push(`${source}: ${message}`),
    runtimeClient: join(__dirname, '../../lib/local/runtime-client.js'),
  });
});

afterAll(async () => {
  await browser?.close();
  await run?.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly input?: { readonly steps: number; readonly at: string };
}

/** Returns the requests of the schedules' owner, as the submit function lists them. */
async function requests(): Promise<readonly Listed[]> {
  const answer = await run.invoke('Submitter/Function', { type: 'list', user: 'night', tenant: 'acme' });
  return answer.ok ? (answer.payload as { requests: Listed[] }).requests : [];
}

test('a schedule submits a request of its action at the scheduled time, and the input contains this time', async () => {
  expect(run.warnings.filter((line) => line.includes('chedule'))).toEqual([]);
  expect(run.schedules.list()).toMatchObject([
    { name: 'steps/minutely', action: 'steps', timeZone: 'Asia/Kolkata', enabled: true },
    { name: 'steps/off', action: 'steps', expression: 'rate(1 day)', enabled: false },
  ]);
  await until('the schedule runs', () => lines.find((line) => line.startsWith('schedule: steps/minutely → ')));
  let found: Listed | undefined;
  for (let i = 0; i < 300 && found?.status !== 'COMPLETED'; i++) {
    [found] = await requests();
    await new Promise((resolve) => systemClock.setTimeout(() => resolve(undefined), 200));
  }
  expect(found).toMatchObject({ status: 'COMPLETED', input: { steps: 1 } });
  expect(found?.input?.at).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:00Z$/);
});

browserTest('the overview of the console shows the schedules, and its button runs one of them', async () => {
  browser = await launchChromium();
  const page = await newPage(browser, { width: 1440, height: 1000 });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(String(run.console));
  const panel = page.getByRole('region', { name: 'Schedules' });
  await panel.getByText('rate(1 day)').waitFor();
  const row = panel.getByRole('row').filter({ hasText: 'steps/off' });
  expect(await row.textContent()).toContain('disabled');
  expect(await row.textContent()).toContain('never');

  await row.getByRole('button', { name: 'Run now' }).click();

  await row.locator('time').waitFor();
  const started = lines.filter((line) => line.startsWith('schedule: steps/off → '));
  expect(started).toHaveLength(1);
  const folder = process.env.STREAMER_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, 'console-schedules.png') });
  expect(problems).toEqual([]);
});
