import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compileFolder } from '../../support/compiler';
import { send, TinyServer } from './support/tiny-server';

const ROOT = join(__dirname, '../../..');
const SDK = join(ROOT, 'client-sdks/typescript');
const NODE_24 = join(ROOT, 'node_modules/node/bin/node');
const run = promisify(execFile);

/** Folder of a project in which the built client is installed. */
let project: string;
let server: TinyServer;
let built: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'client-package-'));
  const installed = join(project, 'node_modules/cdk-streamer-client');
  mkdirSync(installed, { recursive: true });
  for (const name of ['ws', '@types', '@aws-sdk', 'react'])
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  built = execFileSync(process.execPath, [join(SDK, 'scripts/build-client.mjs'), join(installed, 'dist')], {
    encoding: 'utf8',
  });
  writeFileSync(join(installed, 'package.json'), readFileSync(join(SDK, 'package.json')));
  server = await TinyServer.start(({ id, input }, connection) =>
    send(connection, { type: 'response', id, result: input ?? null }),
  );
});

afterAll(async () => {
  await server.stop();
  rmSync(project, { recursive: true });
});

/** Code with one mistake. The compiler finds the mistake only if it finds the types. */
const APP = `
  import { StreamerClient } from 'cdk-streamer-client';
  export const state: 'open' = new StreamerClient('wss://example.com', { token: 'token' }).state;
`;
const SERVER_APP = `
  import { createStreamerServer } from 'cdk-streamer-client/server';
  export const report: 'done' = createStreamerServer({ functionName: 'submit' }).as({ user: 'ann' }).status('r1');
`;

/** Runs a file of the project until its process ends. If the process is still alive after `close()`, it is killed and the test fails. */
async function runFile(name: string, text: string, node = process.execPath): Promise<string> {
  writeFileSync(join(project, name), text);
  const { stdout } = await run(node, [join(project, name), server.url], { timeout: 180_000 });
  return stdout.trim();
}

const body = (options: string): string => `
  const client = new StreamerClient(process.argv[2], { token: 'token', ${options} });
  client.request('echo', { a: 1 }, { timeoutMs: 60_000, signal: new AbortController().signal }).then((result) => {
    console.log(JSON.stringify(result));
    client.close();
  });
`;

test('The package runs as an ES module, and its process ends once the client is closed', async () => {
  const imports = "import { StreamerClient } from 'cdk-streamer-client'; import { WebSocket } from 'ws';";
  await expect(runFile('a.mjs', imports + body('webSocket: WebSocket'))).resolves.toBe('{"a":1}');
});

test('The package runs as CommonJS', async () => {
  const imports = "const { StreamerClient } = require('cdk-streamer-client'); const { WebSocket } = require('ws');";
  await expect(runFile('b.cjs', imports + body('webSocket: WebSocket'))).resolves.toBe('{"a":1}');
});

(existsSync(NODE_24) ? test : test.skip)("The package runs on Node 24 with the platform's own WebSocket", async () => {
  const imports = "import { StreamerClient } from 'cdk-streamer-client';";
  await expect(runFile('c.mjs', imports + body(''), NODE_24)).resolves.toBe('{"a":1}');
});

/** Uses a Lambda client whose function refuses. The SDK's command is created, but nothing is sent. */
const serverBody = `
  const answer = { ok: false, error: { code: 'UNKNOWN_ACTION', message: 'none', retryable: false } };
  const lambda = { send: async (command) => ({ Payload: Buffer.from(JSON.stringify(answer)), command: console.log(command.constructor.name) }) };
  createStreamerServer({ functionName: 'submit', lambda }).as({ user: 'ann' }).submit('x').catch((error) => {
    console.log(error instanceof StreamerError, error.code);
  });
`;

test('The entry for servers runs as an ES module, with the errors of the main one', async () => {
  const imports =
    "import { StreamerError } from 'cdk-streamer-client'; import { createStreamerServer } from 'cdk-streamer-client/server';";
  await expect(runFile('s.mjs', imports + serverBody)).resolves.toBe('InvokeCommand\ntrue UNKNOWN_ACTION');
});

test('The entry for servers runs as CommonJS, with the errors of the main one', async () => {
  const imports =
    "const { StreamerError } = require('cdk-streamer-client'); const { createStreamerServer } = require('cdk-streamer-client/server');";
  await expect(runFile('s.cjs', imports + serverBody)).resolves.toBe('InvokeCommand\ntrue UNKNOWN_ACTION');
});

test('The entry for servers reports a missing AWS SDK', async () => {
  const bare = join(project, 'bare');
  const installed = join(bare, 'node_modules/cdk-streamer-client');
  cpSync(join(project, 'node_modules/cdk-streamer-client'), installed, { recursive: true });
  mkdirSync(join(bare, 'node_modules/@aws-sdk/client-lambda'), { recursive: true });
  const imports =
    "import { StreamerError } from 'cdk-streamer-client'; import { createStreamerServer } from 'cdk-streamer-client/server';";
  await expect(runFile('bare/s.mjs', imports + serverBody)).resolves.toBe('true CONNECT_FAILED');
});

test('The bundles import nothing, because they contain the numbers of the protocol', () => {
  for (const file of ['index.js', 'index.cjs']) {
    const text = readFileSync(join(project, 'node_modules/cdk-streamer-client/dist', file), 'utf8');
    expect(text).not.toMatch(/^import |\brequire\(|\bimport\(/m);
    expect(text).toContain('bearer.');
  }
});

test.each([
  ['client', 59_500, 19_600],
  ['react', 12_100, 4_400],
  ['ai', 4_700, 2_000],
])('The bundle %s is small enough', (name, minified, gzipped) => {
  const [line] = new RegExp(`^${name}: .*`, 'm').exec(built) ?? [];
  const [ofBundle, compressed] = line?.match(/\d+/g)?.map(Number) ?? [];
  expect(ofBundle).toBeLessThan(minified);
  expect(compressed).toBeLessThanOrEqual(gzipped);
});

test.each([
  'mjs',
  'cjs',
])('The hooks and the stores load as %s, and share the client and the stores', async (extension) => {
  const names = { react: 'createStreamerHooks', store: 'StreamerStores' };
  const load = (entry: keyof typeof names) =>
    extension === 'mjs'
      ? `import { ${names[entry]} } from 'cdk-streamer-client/${entry}';`
      : `const { ${names[entry]} } = require('cdk-streamer-client/${entry}');`;
  const body = 'console.log(Object.keys(createStreamerHooks()).length, typeof new StreamerStores(() => 0).topic);';
  const file = `react.${extension}`;
  const dist = join(
    project,
    'node_modules/cdk-streamer-client/dist/react',
    extension === 'mjs' ? 'index.js' : 'index.cjs',
  );

  await expect(runFile(file, load('react') + load('store') + body)).resolves.toBe('6 function');
  expect(readFileSync(dist, 'utf8')).toMatch(/^'use client';/);
});

test('The types name no file outside the package and no Node type', () => {
  const dist = join(project, 'node_modules/cdk-streamer-client/dist');
  const types = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'));
  expect(types).toEqual(expect.arrayContaining(['index.d.ts', 'server/index.d.ts']));
  for (const file of types) {
    expect(readFileSync(join(dist, file), 'utf8')).not.toMatch(
      /from '(?!react'|\.\.?\/[\w-]+(?:\/[\w-]+)*\.js')|reference types|NodeJS\./,
    );
  }
});

test("The types resolve by Node's own rules, from ES modules and from CommonJS", () => {
  const files = ['app.mts', 'app.cts'];
  for (const file of files) writeFileSync(join(project, file), APP + SERVER_APP);
  const lib = ['es2022', 'dom'];
  const config = { compilerOptions: { module: 'nodenext', target: 'es2022', strict: true, types: [], lib } };
  const messages = compileFolder(project, config, files).map(({ message }) => message);
  const found = expect.stringContaining("Type 'ConnectionState' is not assignable to type '\"open\"'");
  const foundOfServer = expect.stringContaining("Type 'Promise<RequestReport>' is not assignable to type '\"done\"'");
  expect(messages).toEqual([found, foundOfServer, found, foundOfServer]);
});
