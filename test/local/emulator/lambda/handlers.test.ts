import { failureOf, LambdaBench, payloadOf } from './support';

const bench = new LambdaBench();
afterEach(() => bench.clear());
afterAll(() => bench.remove());

async function invoke(source: string, event: unknown = {}, overrides = {}) {
  const host = bench.host();
  host.register(bench.spec(source, overrides));
  return host.invoke('worker', event);
}

/** Node.js 22 still supports callbacks. In these tests, its functions run on the host's own version. */
const withCallbacks = { runtime: 'nodejs22.x' };

test('LAMBDA-01 an async handler gets the event as parsed JSON, and its result is returned', async () => {
  const result = await invoke('exports.handler = async (event) => ({ twice: event.n * 2, text: "ü" });', { n: 21 });
  expect(payloadOf(result)).toEqual({ twice: 42, text: 'ü' });
});

test('LAMBDA-02 a result of undefined is null', async () => {
  expect(payloadOf(await invoke('exports.handler = async () => {};'))).toBeNull();
});

test('LAMBDA-03 an error that the handler throws is Handled, with type, message and trace', async () => {
  const source = 'exports.handler = async () => { throw new TypeError("no such report"); };';
  const { kind, error } = failureOf(await invoke(source));
  expect(kind).toBe('Handled');
  expect(error).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such report' });
  expect(error.trace?.[0]).toBe('TypeError: no such report');
  expect(error.trace?.[1]).toContain('index.js:1');
});

test('LAMBDA-04 a handler that throws before it returns, or throws no error, fails the same way', async () => {
  const early = failureOf(await invoke('exports.handler = () => { throw new RangeError("early"); };'));
  expect(early.error.errorType).toBe('RangeError');
  const text = failureOf(await invoke('exports.handler = async () => { throw "just text"; };'));
  expect(text.error).toMatchObject({ errorType: 'string', errorMessage: 'just text' });
});

test('LAMBDA-05 a callback below Node.js 24 answers, with a value or an error', async () => {
  const source = `exports.handler = (event, context, callback) => setImmediate(() =>
    event.fail ? callback(new Error('called back')) : callback(null, { via: 'callback' }));`;
  expect(payloadOf(await invoke(source, {}, withCallbacks))).toEqual({ via: 'callback' });
  const failed = failureOf(await invoke(source, { fail: true }, withCallbacks));
  expect(failed).toMatchObject({ kind: 'Handled', error: { errorMessage: 'called back' } });
});

test('LAMBDA-06 a callback waits for an empty event loop unless the context specifies otherwise', async () => {
  const source = `let done = false;
    exports.handler = (event, context, callback) => {
      if (event.ask) return callback(null, done);
      context.callbackWaitsForEmptyEventLoop = event.wait;
      setTimeout(() => { done = true; }, 80);
      callback(null, 'answered');
    };`;
  const host = bench.host({ maxEnvironments: 1 });
  host.register(bench.spec(source, withCallbacks));
  await host.invoke('worker', { wait: true });
  expect(payloadOf(await host.invoke('worker', { ask: true }))).toBe(true);
  host.restart('worker');
  await host.invoke('worker', { wait: false });
  expect(payloadOf(await host.invoke('worker', { ask: true }))).toBe(false);
});

test('LAMBDA-07 a callback handler that never calls back answers null', async () => {
  expect(payloadOf(await invoke('exports.handler = (e, c, callback) => {};', {}, withCallbacks))).toBeNull();
});

test('LAMBDA-08 from nodejs24.x on, a handler with three parameters fails the init', async () => {
  const { kind, error } = failureOf(await invoke('exports.handler = (event, context, callback) => callback();'));
  expect(kind).toBe('Unhandled');
  expect(error.errorType).toBe('Runtime.CallbackHandlerDeprecated');
});

test('LAMBDA-09 the context names the function, its limits, its logs and the time left', async () => {
  const source = `exports.handler = async (event, context) => ({
    ...context, left: context.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID });`;
  const host = bench.host({ newId: () => '11111111-2222-4333-8444-555555555555' });
  host.register(bench.spec(source, { timeoutMs: 5000 }));
  const traceId = 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1';
  const context = payloadOf(await host.invoke('worker', {}, { traceId })) as Record<string, unknown>;
  expect(context).toMatchObject({
    functionName: 'worker',
    functionVersion: '$LATEST',
    memoryLimitInMB: '128',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:worker',
    awsRequestId: '11111111-2222-4333-8444-555555555555',
    logGroupName: '/aws/lambda/worker',
    callbackWaitsForEmptyEventLoop: true,
    trace: traceId,
  });
  expect(context.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
  expect(context.left).toBeGreaterThan(3000);
  expect(context.left).toBeLessThanOrEqual(5000);
});

test.each([
  ['a CommonJS .js file', { 'index.js': 'exports.handler = async () => "cjs";' }, 'index.handler', 'cjs'],
  ['a .cjs file', { 'app.cjs': 'module.exports.handler = async () => "cjs2";' }, 'app.handler', 'cjs2'],
  ['an .mjs file', { 'app.mjs': 'export const handler = async () => "esm";' }, 'app.handler', 'esm'],
  [
    'a .js file of a module package, with top-level await',
    {
      'package.json': '{"type":"module"}',
      'index.js': 'const word = await Promise.resolve("awaited"); export const run = async () => word;',
    },
    'index.run',
    'awaited',
  ],
  ['a nested export', { 'index.js': 'exports.a = { b: async () => "nested" };' }, 'index.a.b', 'nested'],
])('LAMBDA-10 a handler is found in %s', async (_where, files, handler, expected) => {
  const codeDir = bench.code(files as unknown as Record<string, string>);
  expect(payloadOf(await invoke('', {}, { codeDir, handler }))).toBe(expected);
});

test.each([
  ['a missing file', 'exports.handler = 1;', 'nothing.handler', 'Runtime.ImportModuleError'],
  [
    'a missing library',
    'require("no-such-library"); exports.handler = 1;',
    'index.handler',
    'Runtime.ImportModuleError',
  ],
  ['a syntax error', 'exports.handler = async () => {', 'index.handler', 'Runtime.UserCodeSyntaxError'],
  ['a missing export', 'exports.other = 1;', 'index.handler', 'Runtime.HandlerNotFound'],
  ['a path out of the code', 'exports.handler = 1;', '../index.handler', 'Runtime.MalformedHandlerName'],
  ['an error of the module itself', 'throw new EvalError("at init");', 'index.handler', 'EvalError'],
])('LAMBDA-11 %s fails the invocation with its own type', async (_what, source, handler, errorType) => {
  const { kind, error } = failureOf(await invoke(source, {}, { handler }));
  expect({ kind, errorType: error.errorType }).toEqual({ kind: 'Unhandled', errorType });
});

test('LAMBDA-12 an unhandled rejection ends the environment and is Unhandled', async () => {
  const source = `exports.handler = (event) => event.ok ? Promise.resolve(process.pid) : new Promise(() => {
    Promise.reject(new Error('forgotten')); setInterval(() => {}, 1000); });`;
  const host = bench.host();
  host.register(bench.spec(source));
  const before = payloadOf(await host.invoke('worker', { ok: true }));
  const { kind, error } = failureOf(await host.invoke('worker', {}));
  expect({ kind, type: error.errorType }).toEqual({ kind: 'Unhandled', type: 'Runtime.UnhandledPromiseRejection' });
  expect(error.errorMessage).toContain('forgotten');
  expect(payloadOf(await host.invoke('worker', { ok: true }))).not.toBe(before);
});

test('LAMBDA-13 a promise that can never resolve ends as an exit without a reason', async () => {
  const { error } = failureOf(await invoke('exports.handler = () => new Promise(() => {});'));
  expect(error.errorType).toBe('Runtime.ExitError');
  expect(error.errorMessage).toMatch(/^RequestId: .+ Error: Runtime exited without providing a reason$/);
});

test('LAMBDA-14 a response above 6 MB fails, and the environment serves further events', async () => {
  const host = bench.host();
  host.register(bench.spec('exports.handler = async (e) => e.big ? "x".repeat(6291556) : process.pid;'));
  const pid = payloadOf(await host.invoke('worker', {}));
  const { error } = failureOf(await host.invoke('worker', { big: true }));
  expect(error.errorType).toBe('Function.ResponseSizeTooLarge');
  expect(payloadOf(await host.invoke('worker', {}))).toBe(pid);
});

test('LAMBDA-15 a request above 6 MB, or 1 MB if asynchronous, is refused', async () => {
  const host = bench.host();
  host.register(bench.spec('exports.handler = async () => 1;'));
  await expect(host.invoke('worker', 'x'.repeat(6291556))).rejects.toThrow('Request must be smaller');
  expect(() => host.invokeAsync('worker', 'x'.repeat(1048576))).toThrow('Request must be smaller');
  await expect(host.invoke('nobody', {})).rejects.toThrow('Function not found: nobody');
});

test('a result that is not JSON is an error of the handler', async () => {
  const { error } = failureOf(await invoke('exports.handler = async () => { const a = {}; a.a = a; return a; };'));
  expect(error.errorMessage).toContain('cannot be written as JSON');
});
