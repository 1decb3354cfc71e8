import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { ended, isAlive, waitUntil } from '../support/processes';
import { installPackages, linkPackages } from '../support/published-package';

/** `cdk-streamer/testing` as npm installs it, in a separate project and in processes without this test runner. */
const project = mkdtempSync(join(tmpdir(), 'published-'));
const temp = join(project, 'temp');

beforeAll(() => {
  mkdirSync(temp);
  writeFileSync(join(project, 'package.json'), '{"name": "project"}');
  installPackages(project);
  linkPackages(project, ['aws-cdk-lib', 'constructs', 'esbuild', 'typescript']);
});
afterAll(() => rmSync(project, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(project, name), text);
  return join(project, name);
}

async function node(file: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [file, ...args], { cwd: project })).stdout;
}

const PID = 'export default { run: () => ({ pid: process.pid }) };';

const RUN = `
const handler = defineHandler({ run: ({ input }) => { if (input === 1) throw new HandlerError('ONE', 'one'); return { got: input }; } });
Promise.all([runHandler(handler, 0), runHandler(handler, 1)]).then(([a, b]) => console.log(JSON.stringify([a.result, b.error.code, typeof createLocalStreamer])));`;

test.each([
  ['an ES module', 'run.mjs', (names: string, from: string) => `import { ${names} } from '${from}';`],
  ['CommonJS', 'run.cjs', (names: string, from: string) => `const { ${names} } = require('${from}');`],
])('the published package loads in %s', async (_what, file, load) => {
  const imports = [
    load('runHandler, createLocalStreamer', 'cdk-streamer/testing'),
    load('defineHandler, HandlerError', 'cdk-streamer/handler'),
  ];

  expect(JSON.parse(await node(write(file, imports.join('\n') + RUN)))).toEqual([{ got: 0 }, 'ONE', 'function']);
});

const TYPED = `
import { type ActionsOf, createLocalStreamer, type LocalStreamer, runHandler } from 'cdk-streamer/testing';
import { defineHandler } from 'cdk-streamer/handler';

const handler = defineHandler({ run: () => ({ at: new Date(0), rows: 3 }) });
export async function check(stack: { node: { root: unknown } }): Promise<[string, number]> {
  const { result, error } = await runHandler(handler);
  if (error) throw new Error(error.code);
  const streamer: LocalStreamer<Actions> = await createLocalStreamer<Actions>(stack);
  const { rows } = await streamer.client({ user: 'ann' }).request('report');
  // @ts-expect-error: there is no such action
  void streamer.client().request('nothing');
  return [result.at, rows];
}
type Actions = ActionsOf<{ report: { default: typeof handler } }>;
`;

test.each([
  ['nodenext', 'nodenext'],
  ['preserve', 'bundler'],
])('the types of the published package need no other package, with module %s', async (module, moduleResolution) => {
  const compilerOptions = {
    ...{ module, moduleResolution, target: 'es2022', lib: ['es2022'], types: [] },
    ...{ strict: true, noEmit: true, skipLibCheck: false },
  };
  write('typed.mts', TYPED);
  const config = write(`tsconfig.${module}.json`, JSON.stringify({ compilerOptions, files: ['typed.mts'] }));

  await expect(node(join(project, 'node_modules/typescript/bin/tsc'), '-p', config)).resolves.toBe('');
});

const IN_JEST = `
const { App, Stack } = require('aws-cdk-lib');
const { StreamerApi, StreamerAuth, StreamerHandler } = require('cdk-streamer');
const { createLocalStreamer, runHandler } = require('cdk-streamer/testing');
test('both run', async () => {
  const stack = new Stack(new App(), 'InJest');
  new StreamerApi(stack, 'Streamer', { auth: StreamerAuth.none(), handlers: { pid: StreamerHandler.sync('pid.ts') } });
  const streamer = await createLocalStreamer(stack);
  const { pid } = await streamer.client().request('pid');
  await streamer.close();
  expect(pid).toBeGreaterThan(0);
  expect((await runHandler({ run: () => 1 })).result).toBe(1);
}, 180_000);`;

test('the published package works in Jest', async () => {
  write('pid.ts', PID);
  write('jest.test.js', IN_JEST);
  const jest = join(__dirname, '../../node_modules/jest/bin/jest.js');
  const args = [jest, '--rootDir', project, '--detectOpenHandles', '--modulePathIgnorePatterns', temp];
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: project });

  expect(stderr).toContain('Tests:       1 passed, 1 total');
  expect(stderr).not.toContain('open handle');
});

const LIVING = `
const { App, Stack } = require('aws-cdk-lib');
const { StreamerApi, StreamerAuth, StreamerHandler } = require('cdk-streamer');
const { createLocalStreamer } = require('cdk-streamer/testing');
(async () => {
  const stack = new Stack(new App(), 'Living');
  new StreamerApi(stack, 'Streamer', { auth: StreamerAuth.none(), handlers: { pid: StreamerHandler.sync('pid.ts') } });
  const streamer = await createLocalStreamer(stack);
  console.log(JSON.stringify(await streamer.client().request('pid')));
  if (process.argv[2] === 'close') await streamer.close();
})();`;

describe('a run of the published package', () => {
  let child: ChildProcess;
  let pid: number;

  /** Starts a run in a process with a separate folder for temporary files. */
  async function start(how: 'close' | 'stay'): Promise<void> {
    write('pid.ts', PID);
    const env = { ...process.env, TMPDIR: temp };
    child = spawn(process.execPath, [write('living.cjs', LIVING), how], { cwd: project, env });
    pid = await new Promise<number>((resolve, reject) => {
      createInterface({ input: child.stdout as Readable }).on('line', (line) => resolve(JSON.parse(line).pid));
      child.on('exit', (code) => reject(new Error(`ended with ${code}`)));
    });
  }

  test('nothing is left after it was closed, and the process can end', async () => {
    await start('close');
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];

    expect(code).toBe(0);
    await ended(pid);
    expect(readdirSync(temp)).toEqual([]);
  });

  test('nothing is left when the test is killed', async () => {
    await start('stay');
    expect(readdirSync(temp).length).toBeGreaterThan(0);

    child.kill('SIGKILL');

    await waitUntil(() => readdirSync(temp).length === 0 && !isAlive(pid));
  });
});
