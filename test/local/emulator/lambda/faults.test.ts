import type { EnvironmentFaults, FaultyEnvironment } from '../../../../local/emulator/lambda';
import { ThrottledError } from '../../../../local/emulator/types';
import { failureOf, LambdaBench, payloadOf } from './support';

const bench = new LambdaBench();
afterEach(() => bench.clear());
afterAll(() => bench.remove());

const NONE: EnvironmentFaults = { onStart: () => undefined, onInvoke: () => undefined, clockOf: () => undefined };
const TICKS = `exports.handler = async ({ ms }) => {
  const begin = performance.now();
  let longest = 0;
  for (let last = begin; last - begin < ms; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }
  return { longest, token: process.env.AWS_SESSION_TOKEN };
};`;

test('an environment that is killed fails its invocation, and the next invocation gets another one', async () => {
  const killed: FaultyEnvironment[] = [];
  const onInvoke = () => (environment: FaultyEnvironment) => {
    if (killed.length > 0) return;
    killed.push(environment);
    environment.kill();
  };
  const host = bench.host({ faults: { ...NONE, onInvoke } });
  host.register(bench.spec(TICKS));
  expect(failureOf(await host.invoke('worker', { ms: 10 })).error.errorType).toBe('Runtime.ExitError');
  expect(payloadOf(await host.invoke('worker', { ms: 10 }))).toBeDefined();
  expect(killed).toMatchObject([{ functionName: 'worker', id: '1' }]);
});

test('a frozen process continues after its time', async () => {
  const host = bench.host({ faults: { ...NONE, onInvoke: () => (environment) => environment.freeze(700) } });
  host.register(bench.spec(TICKS));
  const begin = performance.now();
  payloadOf(await host.invoke('worker', { ms: 10 }));
  expect(performance.now() - begin).toBeGreaterThan(650);
});

test('a host ends while a process is frozen', async () => {
  const host = bench.host({ faults: { ...NONE, onInvoke: () => (environment) => environment.freeze(600_000) } });
  host.register(bench.spec(TICKS));
  const result = host.invoke('worker', { ms: 10 });
  await bench.until(() => true);
  while (!host.environments('worker')[0]?.busy) await new Promise((resolve) => setTimeout(resolve, 10));
  await host.close();
  expect(failureOf(await result).error.errorType).toBe('Runtime.ExitError');
});

test('a process that ends during its init fails the invocation that waits for it', async () => {
  let starts = 0;
  const onStart = (environment: FaultyEnvironment) => {
    starts += 1;
    if (starts === 1) environment.kill();
  };
  const host = bench.host({ faults: { ...NONE, onStart } });
  host.register(bench.spec(TICKS));
  expect(failureOf(await host.invoke('worker', { ms: 1 })).error.errorType).toBe('Runtime.ExitError');
  expect(payloadOf(await host.invoke('worker', { ms: 1 }))).toBeDefined();
});

test('an invocation is throttled', async () => {
  const onInvoke = () => {
    throw new ThrottledError('by a fault');
  };
  const host = bench.host({ faults: { ...NONE, onInvoke } });
  host.register(bench.spec(TICKS));
  await expect(host.invoke('worker', {})).rejects.toThrow('by a fault');
});

const THREAD = 'require("node:worker_threads").parentPort.postMessage(Date.now())';
const CLOCK = `const { Worker } = require('node:worker_threads');
const inThread = () => new Promise((resolve, reject) => {
  new Worker(__dirname + '/thread.js').on('message', resolve).on('error', reject);
});
exports.handler = async () => ({
  now: Date.now(), created: new Date().getTime(), text: Date.parse(Date()), thread: await inThread(),
  fixed: new Date(1000).getTime(), utc: Date.UTC(1970, 0, 2), isDate: new Date() instanceof Date,
});`;

test('the clock of a process and of its threads deviates', async () => {
  const host = bench.host({ faults: { ...NONE, clockOf: () => ({ ms: -3_600_000, afterMs: 0 }) } });
  host.register(bench.spec('', { codeDir: bench.code({ 'index.js': CLOCK, 'thread.js': THREAD }) }));
  const times = payloadOf(await host.invoke('worker', {})) as Record<string, number>;
  for (const name of ['now', 'created', 'text', 'thread']) {
    expect(Math.abs((times[name] as number) + 3_600_000 - Date.now())).toBeLessThan(60_000);
  }
  expect(times).toMatchObject({ fixed: 1000, utc: 86_400_000, isDate: true });
});

test('a clock jumps after some time', async () => {
  const host = bench.host({ faults: { ...NONE, clockOf: () => ({ ms: 3_600_000, afterMs: 1_500 }) } });
  host.register(
    bench.spec(`exports.handler = async () => {
  const before = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 1600));
  return Date.now() - before;
};`),
  );
  expect(payloadOf(await host.invoke('worker', {}))).toBeGreaterThan(3_600_000);
});

test('each environment of a function has its own session token', async () => {
  const host = bench.host();
  host.register(bench.spec(TICKS));
  const results = await Promise.all([host.invoke('worker', { ms: 300 }), host.invoke('worker', { ms: 300 })]);
  const tokens = results.map((result) => (payloadOf(result) as { token: string }).token);
  const { sessionToken } = host.credentialsOf('worker');
  expect([...tokens].sort()).toEqual([`${sessionToken}/1`, `${sessionToken}/2`]);
});
