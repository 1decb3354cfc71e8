import type * as Cancellations from '../../benchmarks/virtual/cancellations';

test('if the head of the log notifies no attempt, the benchmark finds handlers that continue to run', async () => {
  // The modules of the core import each other in a circle, so the names are read only when they are used.
  const unnoticed = {
    get: (names: object, name: string) => (name === 'isCancelHint' ? () => false : Reflect.get(names, name)),
  };
  const path = '../../lambda-src/core/cancellation';
  jest.doMock(path, () => new Proxy(jest.requireActual<object>(path), unnoticed));
  const { CancelWorld, emptyTally } = jest.requireActual<typeof Cancellations>(
    '../../benchmarks/virtual/cancellations',
  );
  const tally = emptyTally();
  await new CancelWorld(1, tally).run();

  expect(tally.ranAfter).toBeGreaterThan(10);
});
