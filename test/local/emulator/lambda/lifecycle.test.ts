import { FakeClock } from '../../../fakes/fake-clock';
import { ended, isAlive, waitUntil } from '../../../support/processes';
import { failureOf, LambdaBench, payloadOf } from './support';

const bench = new LambdaBench();
afterEach(() => bench.clear());
afterAll(() => bench.remove());

/** Reports that it runs, then waits until a file with the given name exists. */
const GATED = `const { existsSync, watch } = require('node:fs');
exports.handler = async ({ gate, id }) => {
  console.log('began ' + id);
  if (gate) await new Promise((resolve) => {
    const look = setInterval(() => { if (existsSync(gate)) { clearInterval(look); resolve(); } }, 10);
  });
  return { id, pid: process.pid };
};`;

function gate(): { path: string; open: () => void } {
  const folder = bench.code({});
  const path = `${folder}/open`;
  return { path, open: () => require('node:fs').writeFileSync(path, '') };
}

test('LAMBDA-20 an environment serves one event at a time, and is used again', async () => {
  const host = bench.host();
  host.register(bench.spec(GATED));
  const first = payloadOf(await host.invoke('worker', { id: 1 })) as { pid: number };
  const second = payloadOf(await host.invoke('worker', { id: 2 })) as { pid: number };
  expect(second.pid).toBe(first.pid);
  await waitUntil(() => host.environments('worker')[0]?.busy === false);
  expect(host.environments('worker')).toMatchObject([{ functionName: 'worker', pid: first.pid, busy: false }]);
});

test('LAMBDA-21 concurrent events get separate environments up to the maximum, and the others wait in order', async () => {
  const host = bench.host({ maxEnvironments: 2 });
  host.register(bench.spec(GATED));
  const door = gate();
  const results = [1, 2, 3, 4].map((id) => host.invoke('worker', { id, gate: door.path }));
  await bench.line('began 1');
  await bench.line('began 2');
  expect(host.environments('worker').map(({ busy }) => busy)).toEqual([true, true]);
  expect(bench.output.some(({ line }) => line === 'began 3')).toBe(false);
  door.open();
  const ids = (await Promise.all(results)).map((result) => (payloadOf(result) as { id: number }).id);
  expect(ids).toEqual([1, 2, 3, 4]);
  expect(host.environments('worker')).toHaveLength(2);
});

test('LAMBDA-21 events that wait for the same environment are served in order', async () => {
  const host = bench.host({ maxEnvironments: 1 });
  host.register(bench.spec(GATED));
  await Promise.all([1, 2, 3, 4].map((id) => host.invoke('worker', { id })));
  await bench.line('began 4');
  const began = bench.output.map(({ line }) => line).filter((line) => line.startsWith('began'));
  expect(began).toEqual(['began 1', 'began 2', 'began 3', 'began 4']);
});

test('LAMBDA-22 at reserved concurrency an invocation is throttled', async () => {
  const host = bench.host();
  host.register(bench.spec(GATED, { reservedConcurrency: 1 }));
  const door = gate();
  const running = host.invoke('worker', { id: 1, gate: door.path });
  await expect(host.invoke('worker', { id: 2 })).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  door.open();
  await running;
  expect(payloadOf(await host.invoke('worker', { id: 3 }))).toMatchObject({ id: 3 });
});

test('LAMBDA-23 the durations of the init and of the invocation are separate', async () => {
  const host = bench.host();
  const slow = 'const end = Date.now() + 300; while (Date.now() < end); exports.handler = async () => 1;';
  host.register(bench.spec(slow));
  const { durationMs } = await host.invoke('worker', {});
  const line = bench.logs.find(({ message }) => message.startsWith('ok in'))?.message;
  const initMs = Number(/init (\d+) ms/.exec(line ?? '')?.[1]);
  expect(initMs).toBeGreaterThanOrEqual(300);
  expect(durationMs).toBeLessThan(initMs);
  await host.invoke('worker', {});
  expect(bench.logs.filter(({ message }) => message.includes('init'))).toHaveLength(1);
});

test('LAMBDA-24 a time limit kills the process and fails the invocation', async () => {
  const host = bench.host();
  host.register(
    bench.spec('exports.handler = async (e) => { while (e.spin); return process.pid; };', { timeoutMs: 1000 }),
  );
  const pid = payloadOf(await host.invoke('worker', {})) as number;
  const { kind, error } = failureOf(await host.invoke('worker', { spin: true }));
  expect({ kind, errorType: error.errorType }).toEqual({ kind: 'Unhandled', errorType: 'Sandbox.Timedout' });
  expect(error.errorMessage).toMatch(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/);
  const next = payloadOf(await host.invoke('worker', {})) as number;
  expect(next).not.toBe(pid);
  await ended(pid);
});

test('LAMBDA-25 kill -9 fails the invocation at once, and the next gets a new environment', async () => {
  const host = bench.host();
  host.register(bench.spec(GATED, { timeoutMs: 900_000 }));
  const running = host.invoke('worker', { id: 1, gate: '/never' });
  await bench.line('began 1');
  const [{ pid } = { pid: 0 }] = host.environments('worker');
  process.kill(pid, 'SIGKILL');
  const { kind, error } = failureOf(await running);
  expect({ kind, errorType: error.errorType }).toEqual({ kind: 'Unhandled', errorType: 'Runtime.ExitError' });
  expect(error.errorMessage).toMatch(/Error: Runtime exited with error: signal: killed$/);
  expect(payloadOf(await host.invoke('worker', { id: 2 }))).not.toMatchObject({ pid });
});

test('LAMBDA-26 process.exit in a handler is an exit error with its status', async () => {
  const host = bench.host();
  host.register(bench.spec('exports.handler = async () => process.exit(3);'));
  const { error } = failureOf(await host.invoke('worker', {}));
  expect(error.errorMessage).toMatch(/Error: Runtime exited with error: exit status 3$/);
});

test('LAMBDA-27 process.exit during init fails each invocation that waited, none hangs', async () => {
  const host = bench.host({ maxEnvironments: 2 });
  host.register(bench.spec('process.exit(7);'));
  const results = await Promise.all([1, 2, 3].map((id) => host.invoke('worker', { id })));
  for (const result of results) {
    expect(failureOf(result).error.errorMessage).toMatch(/^RequestId: .* Runtime exited with error: exit status 7$/);
  }
});

test('LAMBDA-28 an init above 10 s is run again within the time limit of the function', async () => {
  const clock = new FakeClock();
  const host = bench.host({ clock });
  host.register(bench.spec('console.log("init " + process.pid); while (true);', { timeoutMs: 3000 }));
  const running = host.invoke('worker', {});
  await bench.until(() => bench.output.length === 1);
  clock.advance(10_000);
  await bench.until(() => bench.output.length === 2);
  clock.advance(3000);
  const { error } = failureOf(await running);
  expect(error.errorType).toBe('Sandbox.Timedout');
  expect(error.errorMessage).toMatch(/^RequestId: .* Error: Task timed out after 3\.00 seconds$/);
});

test('LAMBDA-29 idle environments above the first end after some minutes', async () => {
  const clock = new FakeClock();
  const host = bench.host({ clock });
  host.register(bench.spec(GATED));
  const door = gate();
  const both = [1, 2].map((id) => host.invoke('worker', { id, gate: door.path }));
  await bench.line('began 1');
  await bench.line('began 2');
  door.open();
  await Promise.all(both);
  await waitUntil(() => host.environments('worker').every(({ busy }) => !busy));
  clock.advance(5 * 60_000);
  await waitUntil(() => host.environments('worker').length === 1);
  expect(payloadOf(await host.invoke('worker', { id: 3 }))).toMatchObject({ id: 3 });
});

describe('replaced code', () => {
  const NEW = 'console.log("new code is there"); exports.handler = async () => "new";';

  test('replaced code serves later invocations, while a running one finishes with the old code', async () => {
    const host = bench.host();
    host.register(bench.spec(GATED));
    const door = gate();
    const old = host.invoke('worker', { id: 1, gate: door.path });
    await bench.line('began 1');
    host.replaceCode('worker', bench.code({ 'index.js': NEW }));

    expect(payloadOf(await host.invoke('worker', {}))).toBe('new');
    door.open();
    expect(payloadOf(await old)).toMatchObject({ id: 1 });
    await waitUntil(() => host.environments('worker').length === 1);
  });

  test('replaced code is started before the next invocation if the function is in use', async () => {
    const host = bench.host();
    host.register(bench.spec(GATED));
    host.register(bench.spec(GATED, { functionName: 'unused' }));
    await host.invoke('worker', { id: 1 });
    const codeDir = bench.code({ 'index.js': NEW });
    host.replaceCode('worker', codeDir);
    host.replaceCode('unused', bench.code({ 'index.js': NEW }));

    await bench.line('new code is there');
    await waitUntil(() => host.environments('worker').every((environment) => environment.codeDir === codeDir));
    expect(host.environments('unused')).toEqual([]);
    expect(payloadOf(await host.invoke('worker', {}))).toBe('new');
    expect(bench.output.filter(({ line }) => line === 'new code is there')).toHaveLength(1);
  });

  test('replaced code that cannot be loaded is reported at once, and can be replaced again', async () => {
    const host = bench.host();
    host.register(bench.spec(GATED));
    await host.invoke('worker', { id: 1 });
    host.replaceCode('worker', bench.code({ 'index.js': 'throw new RangeError("no");' }));
    await bench.until(() => bench.logs.some(({ message }) => message === 'init failed: RangeError'));
    host.replaceCode('worker', bench.code({ 'index.js': NEW }));

    await bench.line('new code is there');
    expect(payloadOf(await host.invoke('worker', {}))).toBe('new');
  });
});

test('a line of output names its process, its stream and the current event', async () => {
  const origins: unknown[] = [];
  const host = bench.host({ onOutput: (_name, line, origin) => origins.push({ line, ...origin }) });
  host.register(bench.spec('console.log("init"); exports.handler = async () => console.error("work");'));
  await host.invoke('worker', { id: 1 });
  await waitUntil(() => origins.length === 2);
  const [{ pid } = { pid: 0 }] = host.environments('worker');

  expect(origins).toEqual([
    { line: 'init', stream: `${pid}/stdout`, payload: undefined },
    { line: 'work', stream: `${pid}/stderr`, payload: '{"id":1}' },
  ]);
});

test('close ends every process, also a child that ignores SIGTERM and what it started', async () => {
  const host = bench.host({ killGraceMs: 100 });
  const source = `const { spawn } = require('node:child_process'); const { Worker } = require('node:worker_threads');
    process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);
    new Worker('while (true);', { eval: true });
    exports.handler = async () => [process.pid, spawn('sleep', ['600']).pid];`;
  host.register(bench.spec(source));
  const pids = payloadOf(await host.invoke('worker', {})) as number[];
  expect(pids.map(isAlive)).toEqual([true, true]);
  await host.close();
  await ended(...pids);
});

test('close answers waiting and running invocations', async () => {
  const host = bench.host({ maxEnvironments: 1 });
  host.register(bench.spec(GATED));
  const results = [1, 2].map((id) => host.invoke('worker', { id, gate: '/never' }));
  await bench.line('began 1');
  await host.close();
  results.push(host.invoke('worker', { id: 3 }));
  for (const result of await Promise.all(results)) expect(failureOf(result).error.errorType).toBe('Runtime.ExitError');
  // the end of the run is not an error of the function
  expect(bench.logs.filter(({ level }) => level === 'error')).toEqual([]);
  expect(bench.logs).toContainEqual(
    expect.objectContaining({ message: expect.stringMatching(/^ended with the run, after/) }),
  );
});
