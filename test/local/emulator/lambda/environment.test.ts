import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findNode, nodeMajor } from '../../../../local/emulator/lambda';
import { LambdaBench, payloadOf } from './support';

const bench = new LambdaBench();
afterEach(() => bench.clear());
afterAll(() => bench.remove());

const ENVIRONMENT = 'exports.handler = async () => ({ ...process.env });';

async function environmentOf(overrides = {}) {
  const host = bench.host();
  host.register(bench.spec(ENVIRONMENT, overrides));
  return { host, env: payloadOf(await host.invoke('worker', {})) as Record<string, string> };
}

test('LAMBDA-40 the process has the variables that Lambda sets, and those of the function', async () => {
  const codeDir = bench.code({ 'index.js': ENVIRONMENT });
  const { env } = await environmentOf({ codeDir, environment: { TABLE: 't', NODE_EXTRA_CA_CERTS: '/nowhere.pem' } });
  expect(env).toMatchObject({
    AWS_LAMBDA_FUNCTION_NAME: 'worker',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/worker',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    LAMBDA_TASK_ROOT: codeDir,
    _HANDLER: 'index.handler',
    TZ: ':UTC',
    TABLE: 't',
    NODE_EXTRA_CA_CERTS: '/nowhere.pem',
  });
  expect(env.AWS_LAMBDA_RUNTIME_API).toMatch(/^127\.0\.0\.1:\d+$/);
});

test("LAMBDA-41 PATH is the only variable of the host's environment", async () => {
  process.env.HOST_SECRET = 'do not leak';
  try {
    const { env } = await environmentOf();
    expect(env.PATH).toBe(process.env.PATH);
    const foreign = Object.keys(env).filter((name) => !/^(AWS_|LAMBDA_|_HANDLER|_X_AMZN|PATH|LANG|TZ)/.test(name));
    expect(foreign).toEqual([]);
  } finally {
    process.env.HOST_SECRET = undefined;
    delete process.env.HOST_SECRET;
  }
});

test('LAMBDA-42 reserved variables override those of the function', async () => {
  const environment = { AWS_LAMBDA_FUNCTION_NAME: 'forged', AWS_ACCESS_KEY_ID: 'forged', LANG: 'de_DE.UTF-8' };
  const { env, host } = await environmentOf({ environment });
  expect(env.AWS_LAMBDA_FUNCTION_NAME).toBe('worker');
  expect(env.AWS_ACCESS_KEY_ID).toBe(host.credentialsOf('worker').accessKeyId);
  expect(env.LANG).toBe('de_DE.UTF-8');
});

test('LAMBDA-43 each function has separate credentials, and each of its environments has a separate session token', async () => {
  const host = bench.host();
  for (const functionName of ['one', 'two']) host.register(bench.spec(ENVIRONMENT, { functionName }));
  const keys = async (name: string) => {
    const env = payloadOf(await host.invoke(name, {})) as Record<string, string>;
    return [env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN];
  };
  const one = await keys('one');
  const { accessKeyId, secretAccessKey, sessionToken } = host.credentialsOf('one');
  expect(one).toEqual([accessKeyId, secretAccessKey, `${sessionToken}/1`]);
  expect(accessKeyId).toMatch(/^ASIA[0-9A-F]{16}$/);
  host.restart('one');
  expect(await keys('one')).toEqual([accessKeyId, secretAccessKey, `${sessionToken}/2`]);
  for (const key of await keys('two')) expect(one).not.toContain(key);
});

test('LAMBDA-44 the heap is limited near the memory size', async () => {
  const host = bench.host();
  const source = 'exports.handler = async () => require("node:v8").getHeapStatistics().heap_size_limit / 1048576;';
  host.register(bench.spec(source, { memoryMb: 512 }));
  const limit = payloadOf(await host.invoke('worker', {})) as number;
  expect(limit).toBeGreaterThan(440);
  expect(limit).toBeLessThan(600);
});

test('LAMBDA-45 the working directory is the code, and the time zone is UTC unless the function sets it', async () => {
  const host = bench.host();
  const codeDir = bench.code({ 'index.js': 'exports.handler = async () => [process.cwd(), new Date(0).getHours()];' });
  host.register(bench.spec('', { codeDir }));
  expect(payloadOf(await host.invoke('worker', {}))).toEqual([codeDir, 0]);
  host.register(bench.spec('', { codeDir, functionName: 'tokyo', environment: { TZ: 'Asia/Tokyo' } }));
  expect(payloadOf(await host.invoke('tokyo', {}))).toEqual([codeDir, 9]);
});

test('LAMBDA-46 lines of stdout and stderr go to the output, whole', async () => {
  const host = bench.host();
  const source = `console.log('at init'); exports.handler = async () => {
    process.stdout.write('half '); process.stdout.write('line\\n'); console.error('to stderr'); };`;
  host.register(bench.spec(source));
  await host.invoke('worker', {});
  await Promise.all(['at init', 'half line', 'to stderr'].map((text) => bench.line(text)));
  const lines = bench.output.map(({ functionName, line }) => `${functionName}: ${line}`);
  expect(lines.sort()).toEqual(['worker: at init', 'worker: half line', 'worker: to stderr']);
});

test('LAMBDA-47 a function runs on the version of Node.js that its runtime names, if it is installed', async () => {
  const host = bench.host();
  host.register(bench.spec('exports.handler = async () => process.version;'));
  expect(payloadOf(await host.invoke('worker', {}))).toMatch(/^v24\./);
  expect(bench.logs.filter(({ level }) => level === 'warn')).toEqual([]);
});

test('LAMBDA-48 without that version it runs on the host version, with one warning per runtime', async () => {
  const host = bench.host();
  const source = 'exports.handler = async () => process.version;';
  for (const functionName of ['one', 'two']) host.register(bench.spec(source, { functionName, runtime: 'nodejs99.x' }));
  expect(payloadOf(await host.invoke('two', {}))).toBe(process.version);
  const warnings = bench.logs.filter(({ level }) => level === 'warn');
  expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('node@99')]);
});

test('a Node.js of another version, or one that was not downloaded, is ignored', () => {
  const root = mkdtempSync(join(tmpdir(), 'find-node-'));
  try {
    const install = (folder: string, version: string, withBinary: boolean) => {
      const binary = join(root, folder, 'node_modules/node/bin/node');
      mkdirSync(dirname(binary), { recursive: true });
      writeFileSync(join(root, folder, 'node_modules/node/package.json'), JSON.stringify({ version }));
      if (withBinary) writeFileSync(binary, '');
      return binary;
    };
    const outer = install('.', '98.1.0', true);
    install('app', '98.2.0', false);
    install('app/inner', '97.0.0', true);
    mkdirSync(join(root, 'app/inner/src'));
    expect(findNode('nodejs98.x', join(root, 'app/inner/src'))).toBe(outer);
    expect(findNode('nodejs96.x', join(root, 'app/inner/src'))).toBeUndefined();
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('the Node.js of the host runs functions of its own major version', () => {
  const major = process.versions.node.split('.')[0];
  expect(findNode(`nodejs${major}.x`, '/')).toBe(process.execPath);
  expect(findNode('python3.13', '/')).toBeUndefined();
  expect([nodeMajor('nodejs24.x'), nodeMajor('provided.al2023')]).toEqual([24, undefined]);
});

test('the runtime client also runs unbundled', async () => {
  const host = bench.host({ runtimeClient: undefined });
  host.register(bench.spec('exports.handler = async () => "from source";'));
  expect(payloadOf(await host.invoke('worker', {}))).toBe('from source');
});
