import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPackages, linkPackages } from '../../support/published-package';
import { PublishedCli } from './support';

const run = promisify(execFile);
const cli = new PublishedCli();
const folder = join(cli.folder, 'made');

beforeAll(async () => {
  const init = cli.run(['init', 'made']);
  expect(await init.ended).toBe(0);
  expect(init.stdout.slice(-2)).toEqual(['  cd made && npm install && npm run dev', '']);
  installPackages(folder);
  linkPackages(folder, [
    'aws-cdk-lib',
    'constructs',
    'esbuild',
    'tsx',
    'typescript',
    'typescript-native',
    'valibot',
    '@types/node',
  ]);
});
afterAll(() => {
  cli.killAll();
  cli.remove();
});

/** Runs a program in the created application, without the settings of this test's process. */
function inApp(file: string, args: string[]) {
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
  return run(process.execPath, [join(folder, 'node_modules', file), ...args], { cwd: folder, env });
}

test('the created app is type-checked', async () => {
  await expect(inApp('typescript-native/bin/tsc', [])).resolves.toMatchObject({ stdout: '' });
});

test('the tests of the created app pass', async () => {
  const { stdout } = await inApp('tsx/dist/cli.mjs', ['--test', 'test/app.test.ts']);

  expect(stdout).toMatch(/(#|ℹ) pass 4\n/);
  expect(stdout).toMatch(/(#|ℹ) fail 0\n/);
});

test('the created app is run by dev and answers', async () => {
  const dev = cli.run(['dev', '--port', '0'], folder);
  await dev.line(/Ctrl-C ends the run/);
  const greet = cli.run(['request', 'greet', '{"name": "Ada"}'], folder);
  const primes = cli.run(['request', 'find_primes', '{"upTo": 1000}'], folder);

  expect(await greet.ended).toBe(0);
  expect(JSON.parse(greet.stdout.join(''))).toEqual({ greeting: 'Hello Ada' });
  expect(await primes.ended).toBe(0);
  expect(JSON.parse(primes.stdout.join(''))).toEqual({ count: 168, largest: 997 });
  dev.child.kill('SIGINT');
  expect(await dev.ended).toBe(0);
  expect(existsSync(join(folder, '.streamer/run.json'))).toBe(false);
});

test('doctor finds no problem in the created app, and reports what an empty folder lacks', async () => {
  const well = cli.run(['doctor'], folder);
  const bare = cli.run(['doctor'], cli.folder);

  expect(await well.ended).toBe(0);
  expect(well.stdout).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^ok {4}constructs 10\./),
      'ok    cdk.json names the app: npx tsx app.ts',
      'ok    the app is synthesized, its handlers are bundled',
      'ok    it has a WebSocket API: StreamerApp/Streamer/WebSocket/Api',
    ]),
  );
  expect(await bare.ended).toBe(1);
  expect(bare.stdout.join('\n')).toContain(
    'fail  aws-cdk-lib is not installed here\n      npm install --save-dev aws-cdk-lib',
  );
});

test('a second init refuses the folder', async () => {
  const again = cli.run(['init'], folder);

  expect(await again.ended).toBe(1);
  expect(again.stderr[0]).toContain(`error: the folder must be empty or new, got: ${folder}`);
});
