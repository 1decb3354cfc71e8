import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, newPage, browserTest as test } from './chromium';
import { type E2eRun, startE2e, until } from './run';

/** The console as a developer uses it: watch a request, see its details, send one. */
jest.setTimeout(300_000);

let browser: Browser;
let e2e: E2eRun;

beforeAll(async () => {
  expect(existsSync(join(__dirname, '../../lib/local/console/app.js'))).toBe(true);
  browser = await launchChromium();
  e2e = await startE2e();
});

afterAll(async () => {
  await browser?.close();
  await e2e?.close();
});

interface Opened {
  readonly page: Page;
  readonly run: E2eRun;
  readonly problems: string[];
}

/** Opens a view. All errors that the browser reports are recorded. */
async function open(hash: string): Promise<Opened> {
  const page = await newPage(browser, { width: 1440, height: 1000 });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  await page.goto(`${e2e.local.console}${hash}`);
  return { page, run: e2e, problems };
}

async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.STREAMER_SCREENSHOTS;
  if (!folder) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `console-${name}-${colorScheme}.png`) });
  }
}

test('the console shows a request from its start to its end, with its details', async () => {
  const { page, run, problems } = await open('#/requests');
  await page.getByText('No async request yet').waitFor();
  const done = run.client().request('steps', { steps: 12, stepMs: 250, failOn: [1] }, { id: 'watched' });

  const row = page.locator('.request-row[data-key="acme#ann#watched"]');
  await row.and(page.locator('[data-status=RUNNING]')).waitFor();
  await row.click();
  const detail = page.getByRole('article', { name: 'Request watched' });
  await detail.getByText('Attempt 1').waitFor();
  const bar = detail.getByRole('progressbar');
  await page.waitForFunction(
    () => Number(document.querySelector('.detail [role=progressbar]')?.getAttribute('aria-valuenow')) >= 25,
  );
  await detail.getByText('Waits before the next attempt').waitFor();
  await detail.getByText('Attempt 2').waitFor();
  // the error of the first attempt, in the headline and below its line
  expect(await detail.getByText('Error: secret: [redacted] host is db-17.internal').count()).toBe(2);
  expect(await detail.getByText(/^at .+:\d+:\d+\)?$/).count()).toBe(2);
  await shot(page, 'detail');

  const result = await done;
  await detail.getByText('Completed').first().waitFor();
  // the details are read again after the end
  await bar.and(page.locator('[aria-valuenow="100"]')).waitFor();
  await detail.getByRole('button', { name: 'Input & result' }).click();
  expect(await detail.getByRole('region', { name: 'input' }).textContent()).toContain('"steps": 12');
  expect(await detail.getByRole('region', { name: 'result' }).textContent()).toContain(`"attempt": ${result.attempt}`);
  await detail.getByRole('button', { name: 'Output' }).click();
  await detail.getByText('the handler failed').first().waitFor();
  await page.keyboard.press('Escape');
  await detail.waitFor({ state: 'detached' });

  const search = page.getByLabel(/^Filter by text/);
  await search.fill('db-17.internal begins');
  await row.waitFor();
  await search.fill('"stepMs":250');
  await row.waitFor();
  await search.fill('in no request');
  await page.getByText('No request matches the filter').waitFor();
  await search.fill('');
  await page.getByLabel('Time').selectOption({ label: 'Last 5 minutes' });
  await row.waitFor();
  await page.getByText('1 request', { exact: true }).waitFor();
  await shot(page, 'requests');
  // a click outside of fields, because keys in fields have no effect on the view
  await page.getByRole('heading', { name: 'Requests' }).click();

  await page.keyboard.press('1');
  await page.getByRole('img', { name: /Histogram: p50/ }).waitFor();
  await shot(page, 'overview');
  expect(problems).toEqual([]);
  await page.close();
});

test('a message is checked, sent over a separate connection, and answered', async () => {
  const { page, problems } = await open('#/send');
  await page.getByLabel('User').fill('dora');
  await page.getByLabel('Action').fill('echo');
  await page.getByLabel('Input', { exact: true }).fill('{ "text": hello }');
  await page.getByText('not JSON at line 1, column 11: expected a value').waitFor();
  expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);

  await page.getByLabel('Input', { exact: true }).fill('{ "text": "hello" }');
  await page.getByLabel('Input', { exact: true }).press('Control+Enter');
  const answer = page.locator('.frames li', { hasText: 'response' });
  await answer.waitFor();
  await answer.locator('summary').click();
  expect(await answer.textContent()).toContain('"user": "dora"');
  const inputs = page.getByLabel('Example and recent inputs');
  await inputs.selectOption({ label: '{ "text": "hello" }' });
  await inputs.selectOption({ label: 'Example: { "text": "example" }' });
  expect(await page.getByLabel('Input', { exact: true }).inputValue()).toContain('"text": "example"');
  await shot(page, 'send');

  await page.keyboard.press('3');
  await page.getByRole('row', { name: /dora/ }).getByRole('link').click();
  await page.getByRole('button', { name: 'Cut' }).click();
  await page.getByRole('row', { name: /dora .*closed with 1006/ }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('7');
  await page.getByText('Closed by the server: 1006').waitFor();
  expect(problems).toEqual([]);
  await page.close();
});

test('a new user can send an example that the schema accepts at once', async () => {
  const { page, problems } = await open('#/send?action=steps');
  await page.waitForFunction(() => document.querySelector('textarea')?.value.includes('"steps": 1'));
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.frames li', { hasText: 'result' }).waitFor();
  await page.getByLabel('Action').fill('echo');
  await page.waitForFunction(() => document.querySelector('textarea')?.value.includes('"text"'));
  expect(problems).toEqual([]);
  await page.close();
});

/** Sends a request that becomes a dead letter in its first run. @returns the frames of a viewer that attached after its end */
async function deadLetter(id: string, tenant = 'acme'): Promise<{ type: string; run?: number }[]> {
  const run = e2e.client({ tenant }).request('steps', { steps: 2, failOn: [1, 2, 3], failInRuns: [1] }, { id });
  await expect(run).rejects.toMatchObject({ code: 'HANDLER_ERROR' });
  const socket = e2e.socket(await e2e.token({ tenant }));
  const frames: { type: string; run?: number }[] = [];
  await new Promise((resolve) => socket.once('open', resolve));
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  socket.send(JSON.stringify({ type: 'attach', id, offset: 0 }));
  await until('the answer to the attach', () => frames.some(({ type }) => type === 'ack'));
  return frames;
}

test('all dead letters of a tenant are counted and redriven in a dialog, and their viewers see the next run', async () => {
  const viewers = await Promise.all([deadLetter('dead-1'), deadLetter('dead-2')]);
  await deadLetter('dead-3', 'globex');
  const { page, problems } = await open('#/requests?status=dead&tenant=acme&key=acme%23ann%23dead-1');
  const detail = page.getByRole('article', { name: 'Request dead-1' });
  await detail.waitFor();
  const button = page.getByRole('button', { name: 'Redrive all …' });
  const dialog = page.getByRole('dialog', { name: 'Redrive dead letters' });

  await button.press('Enter');
  await dialog.getByText('2 dead letters match.').waitFor();
  expect((await dialog.getByRole('listitem').allTextContents()).sort()).toEqual([
    'steps dead-1 ann acme',
    'steps dead-2 ann acme',
  ]);
  expect(await dialog.getByLabel('Action').evaluate((field) => field === document.activeElement)).toBe(true);
  await dialog.getByLabel('Tenant').selectOption({ label: 'All tenants' });
  await dialog.getByText('3 dead letters match.').waitFor();
  await shot(page, 'redrive-selection');
  await dialog.getByLabel('Ended before').selectOption({ label: '1 hour ago' });
  await dialog.getByText('No dead letter matches.').waitFor();
  expect(await dialog.getByRole('button', { name: 'Redrive' }).isDisabled()).toBe(true);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  await detail.waitFor();

  await button.click();
  await dialog.getByRole('button', { name: 'Redrive 2 requests' }).click();
  const heading = dialog.getByRole('heading', { name: 'The redrive has ended' });
  await heading.waitFor();
  expect(await heading.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await dialog.getByRole('definition').allTextContents()).toEqual(['2', '0', '0', expect.any(String)]);
  await shot(page, 'redrive-result');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.getByText('No request matches the filter').waitFor();
  for (const frames of viewers)
    await until('the result of the second run', () => frames.some(({ type, run }) => type === 'result' && run === 2));
  await detail.getByText('Completed').first().waitFor();
  expect(problems).toEqual([]);
  await page.close();
});

test('the result of a redrive names the requests that were skipped or failed, with the reasons', async () => {
  const { page } = await open('#/requests?status=dead');
  const named = (id: string, outcome: string, reason: string) => ({
    key: id,
    id,
    action: 'steps',
    tenant: 'acme',
    user: 'ann',
    outcome,
    reason,
  });
  const answer = {
    ...{ id: 'made', filter: {}, startedAt: 1_000, endedAt: 1_500, stopped: false, redriven: 4, skipped: 1, failed: 2 },
    problems: [
      named('dead-8', 'skipped', 'dead-8 is PENDING: only FAILED and CANCELLED can run again.'),
      named('dead-9', 'failed', 'The table is busy.'),
    ],
  };
  await deadLetter('dead-4');
  await page.route('**/api/redrive-all', async (route) => {
    if (route.request().postDataJSON().dryRun) return route.fallback();
    return route.fulfill({ json: answer });
  });
  await page.getByRole('button', { name: 'Redrive all …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Redrive dead letters' });
  await dialog.getByRole('button', { name: /^Redrive \d request/ }).click();
  await dialog.getByText('The table is busy.').waitFor();
  expect(await dialog.getByRole('listitem').allTextContents()).toEqual([
    'steps dead-8 ann acme skipped: dead-8 is PENDING: only FAILED and CANCELLED can run again.',
    'steps dead-9 ann acme failed: The table is busy.',
    'and 1 other request',
  ]);
  await shot(page, 'redrive-problems');
  await dialog.getByRole('link', { name: 'steps dead-9' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('This request is gone').waitFor();
  await page.close();
});

test('the page works on narrow screens, and reports the end of the run', async () => {
  const { page, run } = await open('#/overview');
  await page.setViewportSize({ width: 390, height: 844 });
  for (const view of ['overview', 'requests', 'connections', 'queues', 'tables', 'logs', 'send']) {
    await page.goto(`${run.local.console}#/${view}`);
    await page.locator(`.view-${view} .view-title`).waitFor();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect([view, overflow]).toEqual([view, 0]);
    await shot(page, `narrow-${view}`);
  }
  await run.local.close();
  await page.getByText('run ended').waitFor();
  await page.close();
});
