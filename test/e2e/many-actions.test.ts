import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { HandlerMode, StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import { StreamerClient, visitorToken } from 'cdk-streamer-client';
import WebSocket from 'ws';
import { type LocalRun, startLocalRun } from '../../local/run';

/** 60 async and 20 isolated actions in nested stacks, and 60 existing functions, run as `cdk-streamer dev` does. */

const ASYNC = Array.from({ length: 60 }, (_, at) => `job_${at}`);
const ISOLATED = Array.from({ length: 20 }, (_, at) => `quote_${at}`);
const FUNCTIONS = Array.from({ length: 60 }, (_, at) => `translate_a_text_${at}`);
const TIMEOUT = Duration.seconds(4);

/** An existing function in a separate stack. CloudFormation generates its name. */
function translator(app: App): LambdaFunction {
  return new LambdaFunction(new Stack(app, 'Functions'), 'Translator', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    timeout: Duration.seconds(30),
    code: Code.fromInline(`exports.handler = async ({ action, input }) => {
      if (input === 'fail') throw new Error('a secret of the function');
      if (input === 'hang') await new Promise((resolve) => setTimeout(resolve, 20_000));
      return [action, input];
    };`),
  });
}

let dir: string;
let local: LocalRun;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'streamer-many-'));
  const app = new App({ outdir: dir });
  const fn = translator(app);
  const api = new StreamerApi(new Stack(app, 'Many'), 'Streamer', {
    projectRoot: join(__dirname, 'fixture'),
    auth: StreamerAuth.none(),
    handlerStacks: 3,
    handlers: Object.fromEntries([
      ...ASYNC.map((action) => [action, StreamerHandler.async('handlers/steps.ts')]),
      ...ISOLATED.map((action) => [action, StreamerHandler.sync('handlers/echo.ts', { isolated: true })]),
      ...FUNCTIONS.map((action) => [
        action,
        StreamerHandler.fromFunction(fn, { mode: HandlerMode.SYNC, timeout: TIMEOUT }),
      ]),
    ]),
  });
  app.synth();
  // the precondition of this test: the names do not fit into the router's environment variables
  expect(api.node.tryFindChild('Router')?.node.tryFindChild('Names')).toBeDefined();
  local = await startLocalRun({
    assemblyDir: dir,
    port: 0,
    log: () => undefined,
    runtimeClient: join(__dirname, '../../lib/local/runtime-client.js'),
  });
}, 180_000);
afterAll(async () => {
  await local?.close();
  rmSync(dir, { recursive: true, force: true });
});

async function withClient(work: (client: StreamerClient) => Promise<void>): Promise<void> {
  const client = new StreamerClient(String(local.url), {
    token: visitorToken(),
    webSocket: WebSocket as never,
  });
  try {
    await work(client);
  } finally {
    client.close();
  }
}

test('actions of each nested stack are served', () =>
  withClient(async (client) => {
    const asked = ['job_0', 'job_23', 'job_42', 'job_59'].map((action) =>
      client.request(action as never, { steps: 2 } as never),
    );
    await expect(Promise.all(asked)).resolves.toHaveLength(4);
    const quoted = ['quote_0', 'quote_7', 'quote_19'].map((action) =>
      client.request(action as never, { text: 'hello' } as never),
    );
    await expect(Promise.all(quoted)).resolves.toHaveLength(3);
  }));

describe('existing functions whose names another function returns', () => {
  const ask = (client: StreamerClient, at: number, input: string) =>
    client.request(FUNCTIONS[at] as never, input as never);

  test('existing functions whose names another function returns answer', () =>
    withClient(async (client) => {
      expect(await ask(client, 0, 'hello')).toEqual([FUNCTIONS[0], 'hello']);
      expect(await ask(client, 59, 'hello')).toEqual([FUNCTIONS[59], 'hello']);
    }));

  test('existing functions whose names another function returns fail without any detail of the thrown error', () =>
    withClient(async (client) => {
      const failed = ask(client, 30, 'fail');
      await expect(failed).rejects.toMatchObject({ code: 'HANDLER_ERROR' });
      await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
    }));

  test('existing functions whose names another function returns time out after the time limit of their action', () =>
    withClient(async (client) => {
      await expect(ask(client, 45, 'hang')).rejects.toMatchObject({
        code: 'TIMEOUT',
        message: expect.stringContaining('4000 ms'),
      });
    }));
});
