import { defaultEnvironments } from '../../../../local/emulator/lambda';
import { LambdaBench, payloadOf } from './support';

const GB = 1024 ** 3;
const bench = new LambdaBench();
afterEach(() => bench.clear());
afterAll(() => bench.remove());

test.each([
  [0.5, 4],
  [1, 4],
  [4, 16],
  [16, 64],
  [32, 128],
  [64, 128],
])('a machine with %s GB runs up to %s environments of a function', (gigabytes, environments) => {
  expect(defaultEnvironments(gigabytes * GB)).toBe(environments);
});

test('invocations that wait for each other all get an environment, although few start at a time', async () => {
  const host = bench.host({ maxEnvironments: 8 });
  const folder = bench.code({});
  // each invocation ends when all eight have begun
  host.register(
    bench.spec(`const { readdirSync, writeFileSync } = require('node:fs');
exports.handler = async ({ n }) => {
  writeFileSync('${folder}/' + n, '');
  while (readdirSync('${folder}').length < 8) await new Promise((resolve) => setTimeout(resolve, 10));
  return n;
};`),
  );
  const results = await Promise.all(Array.from({ length: 8 }, (_, n) => host.invoke('worker', { n })));
  expect(results.map(payloadOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(host.environments('worker')).toHaveLength(8);
});

test('a removed function finishes its invocations and accepts no more', async () => {
  const host = bench.host();
  host.register(
    bench.spec(
      `exports.handler = async () => { console.log('begun'); await new Promise((r) => setTimeout(r, 200)); return 1; };`,
    ),
  );
  const running = host.invoke('worker', {});
  await bench.line('begun');
  host.unregister('worker');
  await expect(host.invoke('worker', {})).rejects.toThrow('Function not found');
  expect(payloadOf(await running)).toBe(1);
});

test('a function with a changed specification runs with it in new environments', async () => {
  const host = bench.host();
  const spec = bench.spec(
    'exports.handler = async () => [process.env.COLOUR, process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE];',
  );
  host.register(spec);
  expect(payloadOf(await host.invoke('worker', {}))).toEqual([null, '128']);
  host.update({ ...spec, memoryMb: 256, environment: { COLOUR: 'red' } });
  expect(payloadOf(await host.invoke('worker', {}))).toEqual(['red', '256']);
});

test('the SDK does not warn about another Node.js version than that of the runtime', async () => {
  const own = `nodejs${process.versions.node.split('.')[0]}.x`;
  const source = 'exports.handler = async () => process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ?? null;';
  const host = bench.host({ nodeFor: (runtime) => (runtime === own ? process.execPath : undefined) });
  host.register(bench.spec(source, { functionName: 'own', runtime: own }));
  host.register(bench.spec(source, { functionName: 'standIn', runtime: 'nodejs99.x' }));
  expect(payloadOf(await host.invoke('own', {}))).toBeNull();
  expect(payloadOf(await host.invoke('standIn', {}))).toBe('true');
});
