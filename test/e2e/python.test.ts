import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { HandlerMode, StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import { StreamerClient } from 'cdk-streamer-client';
import WebSocket from 'ws';
import { findPython } from '../../local/emulator/lambda';
import { type LocalRun, startLocalRun } from '../../local/run';

/** A Python function behind a sync and an async action, on a machine with Python and on one without. */

const RUNTIME_CLIENT = join(__dirname, '../../lib/local/runtime-client.js');
const SOURCE = `def handler(event, context):
    return {"doubled": 2 * event["input"]["n"], "action": event["action"]}
`;

let dir: string;
let run: LocalRun | undefined;
let client: StreamerClient | undefined;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'streamer-python-'));
  const stack = new Stack(new App({ outdir: dir }), 'Python');
  const fn = new Lambda(stack, 'Double', {
    runtime: Runtime.PYTHON_3_12,
    handler: 'index.handler',
    code: Code.fromInline(SOURCE),
  });
  new StreamerApi(stack, 'Streamer', {
    projectRoot: __dirname,
    auth: StreamerAuth.jwt({ issuer: 'https://issuer.example.com/', audience: ['e2e'] }),
    handlers: {
      now: StreamerHandler.fromFunction(fn, { mode: HandlerMode.SYNC }),
      later: StreamerHandler.fromFunction(fn),
    },
  });
  (stack.node.root as App).synth();
});
afterEach(async () => {
  client?.close();
  await run?.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function start(options: Partial<Parameters<typeof startLocalRun>[0]> = {}): Promise<StreamerClient> {
  const local = await startLocalRun({
    assemblyDir: dir,
    port: 0,
    log: () => undefined,
    runtimeClient: RUNTIME_CLIENT,
    ...options,
  });
  run = local;
  const token = async () => (await local.issuer?.issueToken({ sub: 'ann', tenant: 'acme' })) ?? '';
  client = new StreamerClient(String(local.url), { token, webSocket: WebSocket as never });
  return client;
}

const withPython = findPython('python3.12') ? test : test.skip;
withPython('a Python function answers a sync and an async action', async () => {
  const asking = await start();
  expect(await asking.request('now', { n: 2 })).toEqual({ doubled: 4, action: 'now' });
  expect(await asking.request('later', { n: 3 })).toEqual({ doubled: 6, action: 'later' });
});

test.each(['now', 'later'])('without Python, a request for %s fails at once with what is missing', async (action) => {
  const asking = await start({ pythonFor: () => undefined });
  await expect(asking.request(action, { n: 2 })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    retryable: false,
    message: expect.stringMatching(/The action cannot run: python3\.12 needs Python: .*Install Python 3/),
  });
});
