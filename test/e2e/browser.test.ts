import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { ReportsStack } from '../../examples/reports/reports-stack';
import { type LocalRun, startLocalRun } from '../../local/run';
import { launchChromium, newPage, browserTest as test } from './chromium';

/** The demo as a new user uses it: request a report, watch it, reload during the run, download it. */
jest.setTimeout(300_000);

const ROOT = join(__dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'streamer-demo-'));
let browser: Browser;
let run: LocalRun;

beforeAll(async () => {
  browser = await launchChromium();
  buildPage(join(dir, 'page'));
  await buildReactPage(join(dir, 'page/react'));
  const app = new App({ outdir: join(dir, 'cdk.out') });
  new ReportsStack(app, 'Reports');
  app.synth();
  run = await startLocalRun({
    assemblyDir: join(dir, 'cdk.out'),
    port: 0,
    log: () => undefined,
    pages: { dir: join(dir, 'page') },
    runtimeClient: join(ROOT, 'lib/local/runtime-client.js'),
  });
});

afterAll(async () => {
  await browser?.close();
  await run?.close();
  rmSync(dir, { recursive: true, force: true });
});

function buildPage(outDir: string): void {
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin/vite.js');
  const args = [
    vite,
    'build',
    join(ROOT, 'examples/reports/web'),
    '--outDir',
    outDir,
    '--emptyOutDir',
    '--logLevel',
    'error',
  ];
  execFileSync(process.execPath, args, { stdio: 'ignore' });
}

/** Builds the page that uses the hooks of the client. */
async function buildReactPage(outdir: string): Promise<void> {
  const client = join(ROOT, 'client-sdks/typescript/src');
  const alias = {
    'cdk-streamer-client/react': join(client, 'react/index.ts'),
    'cdk-streamer-client': join(client, 'index.ts'),
  };
  const define = { 'process.env.NODE_ENV': '"development"' };
  const entryPoints = [join(__dirname, 'react-page/main.tsx')];
  await build({
    absWorkingDir: ROOT,
    entryPoints,
    outdir,
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    alias,
    define,
  });
  mkdirSync(outdir, { recursive: true });
  writeFileSync(
    join(outdir, 'index.html'),
    '<!doctype html><title>Hooks</title><body><script type="module" src="main.js"></script></body>',
  );
}

async function openPage(url = run.endpoint): Promise<{ page: Page; errors: string[] }> {
  const page = await newPage(browser, { width: 1280, height: 900 });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(url);
  return { page, errors };
}

const percentageOf = async (page: Page): Promise<number> =>
  Number.parseFloat((await page.getByTestId('percentage').textContent()) ?? '');

/** Runs in the page and records all percentages that the page shows. */
function recordPercentages(): void {
  const percentages: number[] = [];
  Object.assign(window, { percentages });
  new MutationObserver(() => {
    const shown = Number.parseFloat(document.querySelector('[data-testid=percentage]')?.textContent ?? '');
    if (!Number.isNaN(shown) && shown !== percentages.at(-1)) percentages.push(shown);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.STREAMER_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

test('a report continues after a reload, ends once, and can be downloaded', async () => {
  const { page, errors } = await openPage();
  await page.waitForSelector('[data-testid=connection-state][data-state=connected]');
  await shot(page, '1-ready');
  await page.getByTestId('start').click();
  await page.waitForFunction(
    () => Number.parseFloat(document.querySelector('[data-testid=percentage]')?.textContent ?? '') >= 45,
  );
  const before = await percentageOf(page);
  await shot(page, '2-half-way');

  await page.addInitScript(recordPercentages);
  await page.reload();
  await page.waitForSelector('[data-testid=percentage]');
  await shot(page, '3-reloaded');
  await page.waitForSelector('[data-testid=download]');
  const seen = await page.evaluate(() => (window as unknown as { percentages: number[] }).percentages);
  expect(seen.length).toBeGreaterThan(1);
  expect(seen.filter((percentage) => percentage < before)).toEqual([]);

  const items = page.getByTestId('history-item');
  expect(await items.count()).toBe(1);
  expect(await items.first().getAttribute('data-status')).toBe('COMPLETED');
  const url = String(await page.getByTestId('download').getAttribute('href'));
  const pdf = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  await shot(page, '4-done');
  expect(page.url()).not.toMatch(/token|bearer|eyJ/);
  expect(errors).toEqual([]);
  await page.close();
});

test('a second page stops a report, and both pages show that it has stopped', async () => {
  // both pages are those of one visitor
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  await page.goto(run.endpoint);
  await page.waitForSelector('[data-testid=connection-state][data-state=connected]');
  // A report that waits for an approval does not end before the test stops it, even on a slow machine.
  await page.getByTestId('ask').check();
  await page.getByTestId('start').click();
  await page.waitForFunction(
    () => Number.parseFloat(document.querySelector('[data-testid=percentage]')?.textContent ?? '') >= 10,
  );
  const second = await context.newPage();
  await second.goto(run.endpoint);
  await second.waitForSelector('[data-testid=stop]');
  await shot(second, '6-before-stop');
  await second.getByTestId('stop').click();
  for (const each of [page, second]) {
    await each.waitForSelector('[data-testid=history-item][data-status=CANCELLED]');
    expect(await each.getByTestId('message').textContent()).toMatch(/^Stopped after/);
    expect(await each.getByTestId('stop').count()).toBe(0);
    expect(await each.getByTestId('error').count()).toBe(0);
  }
  await shot(page, '7-stopped');
  await context.close();
});

test('a report waits for an approval, which the user gives on a second device', async () => {
  const first = await openPage();
  await first.page.waitForSelector('[data-testid=connection-state][data-state=connected]');
  await first.page.getByTestId('ask').check();
  await first.page.getByTestId('start').click();
  await first.page.waitForSelector('[data-testid=approval]');
  expect(await first.page.getByTestId('approval').textContent()).toContain('20,000 flights');
  await first.page.waitForSelector('[data-testid=progress][aria-valuenow="35"]');
  await shot(first.page, '8-asks');
  const { page: narrow } = first;
  await narrow.setViewportSize({ width: 390, height: 1100 });
  await shot(narrow, '9-asks-on-a-phone');

  // Each page of the browser has a separate storage, like another device.
  const second = await openPage(String(await first.page.getByTestId('device-link').getAttribute('href')));
  await second.page.waitForSelector('[data-testid=history-item][data-asks=true]');
  await second.page.emulateMedia({ colorScheme: 'dark' });
  await second.page.waitForSelector('[data-testid=approval]');
  await shot(second.page, '10-asks-on-a-second-device');
  await second.page.getByRole('region', { name: 'Draw this report?' }).getByRole('button', { name: 'Approve' }).click();
  for (const { page } of [first, second]) {
    await page.waitForSelector('[data-testid=download]');
    expect(await page.getByTestId('approval').count()).toBe(0);
  }
  expect([first, second].flatMap(({ errors }) => errors)).toEqual([]);
  await Promise.all([first, second].map(({ page }) => page.close()));
});

test('a report that the user rejects after a reload ends with a final error', async () => {
  const { page, errors } = await openPage();
  await page.waitForSelector('[data-testid=connection-state][data-state=connected]');
  await page.getByTestId('ask').check();
  await page.getByTestId('pace').uncheck();
  await page.getByTestId('start').click();
  await page.waitForSelector('[data-testid=approval]');
  await page.reload();
  await page.waitForSelector('[data-testid=approval]');
  await page.getByTestId('reject').click();
  await page.waitForSelector('[data-testid=history-item][data-status=FAILED]');
  expect(await page.getByTestId('error-code').textContent()).toBe('REJECTED');
  expect(await page.getByTestId('approval').count()).toBe(0);
  await shot(page, '11-rejected');
  expect(errors).toEqual([]);
  await page.close();
});

test('without a network the page reports it, and the report is shown when the network is back', async () => {
  const { page } = await openPage();
  await page.waitForSelector('[data-testid=connection-state][data-state=connected]');
  await page.getByTestId('start').click();
  await page.waitForFunction(
    () => Number.parseFloat(document.querySelector('[data-testid=percentage]')?.textContent ?? '') >= 10,
  );
  await page.context().setOffline(true);
  await page.waitForSelector('[data-testid=offline]');
  expect(await page.getByTestId('connection-state').textContent()).toBe('Offline');
  expect(await page.getByTestId('message').textContent()).toContain('Waiting for the connection');
  expect(await page.getByTestId('error').count()).toBe(0);
  await shot(page, '5-offline');
  await page.context().setOffline(false);
  await page.waitForSelector('[data-testid=connection-state][data-state=connected]');
  await page.waitForSelector('[data-testid=download]');
  expect(await page.getByTestId('offline').count()).toBe(0);
  await page.close();
});

test('a second device has the reports of the first in its history, watches the running one and gets the result', async () => {
  const first = await openPage();
  await first.page.waitForSelector('[data-testid=connection-state][data-state=connected]');
  await first.page.getByTestId('start').click();
  await first.page.waitForFunction(
    () => Number.parseFloat(document.querySelector('[data-testid=percentage]')?.textContent ?? '') >= 10,
  );
  const id = await first.page.getByTestId('current').getAttribute('data-id');

  // Each page of the browser has a separate storage, like another device.
  const second = await openPage(String(await first.page.getByTestId('device-link').getAttribute('href')));
  await second.page.waitForSelector(`[data-testid=history-item][data-id="${id}"]`);
  await second.page.waitForFunction(
    () => Number.parseFloat(document.querySelector('[data-testid=percentage]')?.textContent ?? '') >= 30,
  );
  await shot(second.page, '6-second-device');
  await Promise.all([first, second].map(({ page }) => page.waitForSelector('[data-testid=download]')));
  const third = await openPage(String(await second.page.getByTestId('device-link').getAttribute('href')));
  await third.page.waitForSelector('[data-testid=download]');
  await shot(third.page, '7-third-device-after-the-end');
  expect(await third.page.getByTestId('message').textContent()).toBe('Finished.');
  expect(await third.page.getByTestId('section').count()).toBe(await first.page.getByTestId('section').count());

  await third.page.getByLabel('Remove from the history').click();
  await third.page.reload();
  await third.page.waitForSelector('[data-testid=connection-state][data-state=connected]');
  expect(await third.page.getByTestId('history-item').count()).toBe(0);
  expect([first, second, third].flatMap(({ errors }) => errors)).toEqual([]);
  await Promise.all([first, second, third].map(({ page }) => page.close()));
});

test('a page with the hooks of React continues after a reload, a lost network and the death of its tab, and can cancel', async () => {
  const context = await browser.newContext();
  context.setDefaultTimeout(120_000);
  const errors: string[] = [];
  const open = async () => {
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(`${run.endpoint}/react/index.html?user=hooks`);
    await page.waitForSelector('[data-state=connected]');
    return page;
  };
  const beyond = (page: Page, percentage: number) =>
    page.waitForFunction((least) => (document.querySelector('progress')?.value ?? 0) >= least, percentage);

  const page = await open();
  await page.getByText('Start').click();
  await beyond(page, 5);
  await page.reload();
  await beyond(page, 10);
  await context.setOffline(true);
  await page.waitForSelector('[data-state=disconnected]');
  await context.setOffline(false);
  await beyond(page, 20);
  await page.close();
  const second = await open();
  await second.getByText('Download').waitFor();
  await second.waitForSelector('[data-requests=COMPLETED]');
  await second.evaluate(() => localStorage.clear());
  await second.reload();
  await second.getByText('Start').click();
  await beyond(second, 5);
  const other = await open();
  await shot(other, '12-hooks-on-a-second-page');
  await other.getByText('Cancel').click();
  for (const each of [second, other]) expect(await each.getByRole('alert').textContent()).toBe('CANCELLED');

  expect(errors.filter((error) => !error.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
  await context.close();
});
