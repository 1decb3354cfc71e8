import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, readPage } from '../docs/support/pages';
import { LocalRegistry } from './registry';
import { type Ran, Reader, stepsOf } from './walk';

/**
 * The first hour of a new user: README "In your own app" and docs/getting-started.md, typed literally, from the packages that `npm run pack`
 * creates to the last line. Run it by `npm run test:first-run`.
 */
const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'streamer-first-run-')));
const registry = new LocalRegistry(ROOT);
let env: NodeJS.ProcessEnv;

/** Replacements for the commands that are not typed literally. */
const INSTEAD: Readonly<Record<string, string | undefined>> = {
  // done before this test, in the repository itself
  'npm ci && npm run pack': undefined,
  'npx cdk bootstrap': undefined,
  'npx cdk deploy': 'npx cdk synth --quiet',
};

/** Output that a command must have printed. */
const PRINTS: readonly (readonly [command: RegExp, check: (ran: Ran) => void])[] = [
  [/request greet /, ({ stdout }) => assert.deepEqual(JSON.parse(stdout), { greeting: 'Hello Ada' })],
  [/request find_primes /, ({ stdout }) => assert.equal(JSON.parse(stdout).count, 1_270_607)],
  [/tsx try-client.ts /, ({ stdout }) => assert.match(stdout, /1 orders, 3 in total/)],
  [/request import_orders /, ({ stdout }) => assert.deepEqual(JSON.parse(stdout), { imported: 1, total: 3 })],
  [/^npm test$/, ({ stdout }) => assert.match(stdout, /(#|ℹ) fail 0\n/)],
];

before(async () => {
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, CI: _ci, ...inherited } = process.env;
  const own = Object.fromEntries(Object.entries(inherited).filter(([name]) => !/^npm_|^INIT_CWD$/i.test(name)));
  env = {
    ...own,
    TMPDIR: join(temporary, 'tmp'),
    NO_COLOR: '1',
    npm_config_registry: await registry.start(),
    npm_config_cache: join(temporary, 'npm-cache'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    CDK_DISABLE_VERSION_CHECK: '1',
    AWS_REGION: 'us-east-1',
  };
  mkdirSync(env.TMPDIR as string);
});
after(() => {
  registry.close();
  rmSync(temporary, { recursive: true, force: true });
});

/** Creates the part of a clone that the commands need. An application can be created next to its folder. */
function clone(name: string): string {
  const folder = join(temporary, name, 'cdk-streamer');
  assert.equal(readdirSync(join(ROOT, 'dist/packages')).length, 2, 'run this by npm run test:first-run');
  for (const part of ['package.json', 'lib', 'dist/packages']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Follows a page. @returns seconds from `init` to the first progress */
async function follow(name: string, page: string, reader: Reader): Promise<number> {
  let beganAt: number | undefined;
  let seconds: number | undefined;
  try {
    for (const step of stepsOf(page)) {
      if (step.kind === 'file') {
        reader.write(step.name, step.text);
        continue;
      }
      const command = step.text in INSTEAD ? INSTEAD[step.text] : step.text;
      if (command === undefined) continue;
      if (command.startsWith('npx cdk-streamer init')) beganAt = performance.now();
      const ran = await reader.type(command).catch((error: Error) => {
        throw new Error(`${name}:${step.line}: ${error.message}`);
      });
      for (const [pattern, check] of PRINTS) if (pattern.test(command)) check(ran);
      if (beganAt !== undefined && reader.firstProgressAt !== undefined) {
        seconds ??= (reader.firstProgressAt - beganAt) / 1000;
      }
    }
  } finally {
    await reader.endDev();
  }
  return seconds ?? assert.fail(`${name}: no command showed progress`);
}

/** Returns a section of a page, without its heading. */
function section(page: string, heading: string): string {
  const [, text = ''] = page.split(`\n## ${heading}\n`);
  assert.notEqual(text, '', `there is no section ${heading}`);
  return text.split('\n## ')[0] ?? '';
}

test('README "In your own app" leads to live progress', async () => {
  const page = section(readPage('README.md'), 'In your own app');
  const seconds = await follow('README.md', page, new Reader(clone('readme'), env, console.log));
  console.log(`  first progress ${seconds.toFixed(1)} s after "npx cdk-streamer init"`);
});

test('docs/getting-started.md can be followed to its last line', async () => {
  const reader = new Reader(clone('page'), env, console.log);
  const seconds = await follow('docs/getting-started.md', readPage('docs/getting-started.md'), reader);
  console.log(`  first progress ${seconds.toFixed(1)} s after "npx cdk-streamer init"`);

  await reader.type('npx cdk-streamer doctor --no-synth');
});
