import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRunFile } from '../../../../local/cli/client/run-file';
import {
  checkApp,
  checkEsbuild,
  checkNode,
  checkPeers,
  checkPort,
  checkRuntimeNode,
} from '../../../../local/cli/doctor/checks';
import { checkCredentials, checkJava } from '../../../../local/cli/doctor/optional-checks';
import { satisfies } from '../../../../local/cli/doctor/semver';

const NEEDS = { engines: { node: '>= 20.16.0' }, peerDependencies: { constructs: '^10.5.1' } };
let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'doctor-'));
});
afterEach(() => rmSync(project, { recursive: true }));

function install(name: string, version: string): void {
  const folder = join(project, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version }));
}

test.each([
  ['20.16.0', '>= 20.16.0', true],
  ['22.0.1', '>= 20.16.0', true],
  ['20.15.9', '>= 20.16.0', false],
  ['10.6.0', '^10.5.1', true],
  ['10.5.0', '^10.5.1', false],
  ['11.0.0', '^10.5.1', false],
  ['no version', '^10.5.1', false],
])('%s within %s: %s', (version, range, fits) => {
  expect(satisfies(version, range)).toBe(fits);
});

test('Node.js must be new enough', () => {
  expect(checkNode('22.1.0', NEEDS).level).toBe('ok');
  expect(checkNode('18.20.0', NEEDS)).toEqual({
    ...{ level: 'fail', what: 'Node.js 18.20.0 is too old', remedy: 'install Node.js 20.16.0 or newer' },
  });
});

test('the Node.js that functions run on is the project’s own', () => {
  install('node', '24.1.0');

  expect(checkRuntimeNode(project)).toEqual({ level: 'ok', what: 'functions run on Node.js 24.1.0' });
});

test('peer dependencies are those that the project resolves', () => {
  expect(checkPeers(project, NEEDS)).toMatchObject([{ level: 'fail', remedy: 'npm install --save-dev constructs' }]);
  install('constructs', '10.4.0');
  expect(checkPeers(project, NEEDS)).toMatchObject([
    { level: 'fail', what: 'constructs 10.4.0 does not match: ^10.5.1 is required' },
  ]);
  install('constructs', '10.5.2');
  expect(checkPeers(project, NEEDS)).toEqual([{ level: 'ok', what: 'constructs 10.5.2' }]);
});

test('both esbuild and esbuild-wasm are accepted', () => {
  expect(checkEsbuild(project)).toMatchObject({ level: 'fail', remedy: 'npm install --save-dev esbuild' });
  install('esbuild-wasm', '0.28.2');
  expect(checkEsbuild(project)).toMatchObject({ level: 'ok', what: 'esbuild-wasm 0.28.2, which bundles handlers' });
});

test('the app is that of cdk.json, or a synthesized one', () => {
  expect(checkApp(project).level).toBe('fail');
  mkdirSync(join(project, 'cdk.out'));
  writeFileSync(join(project, 'cdk.out/manifest.json'), '{}');
  expect(checkApp(project)).toEqual({ level: 'ok', what: 'cdk.out contains a synthesized app' });
  writeFileSync(join(project, 'cdk.json'), '{"app": "npx tsx app.ts"}');
  expect(checkApp(project)).toEqual({ level: 'ok', what: 'cdk.json names the app: npx tsx app.ts' });
  writeFileSync(join(project, 'cdk.json'), '{');
  expect(checkApp(project)).toMatchObject({ level: 'fail', what: expect.stringContaining('cannot read') });
});

test('a port in use is reported', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  // the server does not answer, so it is not a local run
  server.on('connection', (socket) => socket.destroy());
  expect(await checkPort(project, port)).toMatchObject({
    level: 'warn',
    what: `port ${port} is in use by another program`,
  });
  await new Promise((resolve) => server.close(resolve));
  expect(await checkPort(project, port)).toEqual({ level: 'ok', what: `port ${port} is free` });
});

test('a run of this project is reported with its address, and a run of another project as such', async () => {
  const server = createHttpServer((_req, res) => res.end('{"pid": 4711, "actions": []}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;

  expect((await checkPort(project, port)).what).toBe(
    `port ${port} is in use by the local run of another project: dev uses the next free one`,
  );
  const forget = writeRunFile(project, { endpoint, pid: 4711, variables: {} });
  expect((await checkPort(project, 1)).what).toBe(`the local run of this project answers at ${endpoint}`);
  forget();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('Java and credentials are optional, so that their absence is never a failure', async () => {
  expect(await checkJava(join(project, 'no-java'))).toMatchObject({
    level: 'ok',
    what: expect.stringMatching(/^no Java/),
  });
  expect(checkCredentials({ AWS_PROFILE: 'x' }, project).what).toBe('AWS credentials in AWS_PROFILE, for deployments');
  expect(checkCredentials({}, project)).toMatchObject({ level: 'warn', remedy: 'aws configure sso' });
  mkdirSync(join(project, '.aws'));
  writeFileSync(join(project, '.aws/config'), '');
  expect(checkCredentials({}, project).what).toBe('AWS credentials in ~/.aws/config, for deployments');
});
