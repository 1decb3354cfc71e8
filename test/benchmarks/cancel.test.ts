import { checkTally } from '../../benchmarks/cancel';
import { CancelWorld, emptyTally, STATES } from '../../benchmarks/virtual/cancellations';

const enough = () => ({
  ...emptyTally(),
  cancels: { before_claim: 500, waiting: 500, running: 500, between_attempts: 250, between_slices: 250 },
  crashes: 1,
});

test('each cancellation of one experiment is noticed within a second, and no handler runs or is retried after it', async () => {
  const tally = emptyTally();
  await new CancelWorld(1, tally).run();

  expect(tally).toMatchObject({
    ranAfter: 0,
    retriedAfter: 0,
    terminalNotOne: 0,
    otherEnds: 0,
    viewersDiffer: 0,
  });
  expect(tally.crashes).toBeGreaterThan(10);
  expect(tally.signalMs.length).toBeGreaterThan(10);
  expect(Math.max(...tally.signalMs)).toBeLessThanOrEqual(1_000);
});

test('figures with many cancellations in each state and with crashes are accepted', () => {
  expect(() => checkTally(enough())).not.toThrow();
});

test('figures without crashes are refused', () => {
  expect(() => checkTally({ ...enough(), crashes: 0 })).toThrow('no process ended early');
});

test('figures with fewer than 2,000 cancellations are refused', () => {
  const { cancels, ...rest } = enough();
  expect(() => checkTally({ ...rest, cancels: { ...cancels, running: 499 } })).toThrow(
    'only 1999 cancellations were acknowledged, instead of 2000',
  );
});

test.each(STATES)('figures with too few cancellations in the state %s are refused', (state) => {
  const { cancels, ...rest } = enough();
  expect(() =>
    checkTally({
      ...rest,
      cancels: {
        ...cancels,
        [state]: 49,
        ...(state !== 'running' && { running: 3_000 }),
        ...(state === 'running' && { waiting: 3_000 }),
      },
    }),
  ).toThrow(state);
});
