import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from './chromium';

/** A folder on the PATH. Its programs have names of browsers. */
const folder = mkdtempSync(join(tmpdir(), 'browsers-'));
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string, script: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

const find = (env: Record<string, string>) => findChromium({ PATH: folder, ...env })?.executablePath;

test('a program that only names a package to install is not a browser', () => {
  program('chromium', 'echo "install the snap" >&2; exit 1');
  const real = program('google-chrome', 'echo Chrome 1');

  expect(find({})).toBe(real);
});

test('CHROMIUM_PATH has precedence over the browsers on the PATH', () => {
  program('google-chrome', 'echo Chrome 1');

  expect(find({ CHROMIUM_PATH: '/opt/mine' })).toBe('/opt/mine');
});

test('STREAMER_BROWSER=package uses no browser of the system', () => {
  program('google-chrome', 'echo Chrome 1');

  expect(find({ STREAMER_BROWSER: 'package', CHROMIUM_PATH: '/opt/mine' }) ?? '').not.toMatch(/google-chrome|mine/);
});
