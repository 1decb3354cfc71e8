import type { WebSocketEvent } from '../../../lambda-src/functions/router';
import { defineHandler, HandlerError } from '../../../lambda-src/handler';
import { ENV } from '../../../src/contract';
import { TestServer } from '../support/servers';

/** Tests router, isolated handler and user's functions as their entries connect them. A replacement for Lambda's Invoke API connects them here. */

const ENVIRONMENT = { ...process.env };
const arn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;

let lambda: TestServer;
let router: (event: WebSocketEvent) => Promise<{ body?: string }>;
/** The functions by name. If one throws, its error becomes the error that Lambda reports. */
let deployed: Record<string, (event: never) => unknown>;

beforeAll(async () => {
  lambda = new TestServer(async ({ path, body }, response) => {
    const [, name] = /function%3A(\w+)\/invocations$/.exec(path) ?? [];
    try {
      response.end(JSON.stringify(await deployed[name as string](JSON.parse(body) as never)));
    } catch (error) {
      response.setHeader('X-Amz-Function-Error', 'Unhandled');
      response.end(JSON.stringify({ errorType: 'Error', errorMessage: (error as Error).message }));
    }
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: await lambda.listen(),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    [ENV.retentionSeconds]: '3600',
    [ENV.syncTimeoutMs]: '5000',
    [ENV.functions]: JSON.stringify({ python: arn('python') }),
  });
  const { createRouter } = require('../../../lambda-src/functions/router');
  const { createIsolated } = require('../../../lambda-src/functions/isolated');
  const { functionHandler, isolatedHandler } = require('../../../lambda-src/functions/remote');
  router = createRouter({
    actions: {
      quote: { kind: 'sync', handler: isolatedHandler('quote', { functionName: arn('quote'), timeoutMs: 5_000 }) },
      python: { kind: 'sync', handler: functionHandler('python', { timeoutMs: 5_000 }, 'sync') },
    },
  });
  const quote = defineHandler({
    run({ input, identity }) {
      if (input === 'none') throw new HandlerError('SOLD_OUT', 'None left.');
      if (input === 'bug') throw new Error('secret');
      return { for: identity.user, input };
    },
  });
  deployed = {
    quote: createIsolated({ action: 'quote', handler: quote }),
    python: ({ input }: { input: unknown }) => {
      if (input === 'bug') throw new Error('secret');
      return [input];
    },
  };
});
afterAll(async () => {
  process.env = ENVIRONMENT;
  await lambda.close();
});

async function ask(action: string, input: unknown) {
  const authorizer = { user: 'alice', tenant: 'acme' };
  const requestContext = { routeKey: '$default', connectionId: 'c1', connectedAt: 1, requestId: 'r', authorizer };
  const body = JSON.stringify({ type: 'request', id: 'r1', action, input });
  return JSON.parse((await router({ requestContext, body })).body ?? '');
}

test('an isolated handler answers through the router', async () => {
  expect(await ask('quote', 5)).toEqual({ type: 'response', id: 'r1', result: { for: 'alice', input: 5 } });
});

test('errors of an isolated handler keep their meaning', async () => {
  expect(await ask('quote', 'none')).toMatchObject({ error: { code: 'SOLD_OUT', message: 'None left.' } });
  expect(await ask('quote', 'bug')).toMatchObject({ error: { code: 'HANDLER_ERROR', message: 'The handler failed.' } });
});

test('a function of the user answers through the router', async () => {
  expect(await ask('python', 5)).toEqual({ type: 'response', id: 'r1', result: [5] });
  expect(JSON.stringify(await ask('python', 'bug'))).not.toContain('secret');
});
