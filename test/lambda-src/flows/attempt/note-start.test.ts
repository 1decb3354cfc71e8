import { startNoter } from '../../../../lambda-src/flows/attempt/claim';
import { Bench } from '../../support/bench';

const MINUTE = 60_000;

test('the start of a request is recorded at most every ten minutes', async () => {
  const bench = new Bench();
  const note = startNoter(bench.deps, 'report');
  for (let minute = 0; minute < 25; minute++) {
    await note();
    bench.platform.time += MINUTE;
  }

  expect(bench.written).toHaveLength(3);
  expect(await bench.memory.get('requests', { requestKey: '#started#report' })).toMatchObject({
    startedAt: bench.platform.time - 5 * MINUTE,
  });
});

test('a record that cannot be written is written at the next request, and no request fails because of it', async () => {
  const bench = new Bench();
  const note = startNoter(bench.deps, 'report');
  bench.beforeStore = () => Promise.reject(new Error('throttled'));
  await note();
  bench.beforeStore = () => undefined;
  await note();

  expect(bench.written).toHaveLength(1);
  expect(bench.lines).toMatchObject([{ level: 'warn' }]);
});
