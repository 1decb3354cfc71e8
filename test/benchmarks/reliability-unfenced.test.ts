import type * as Figures from '../../benchmarks/reliability';
import type * as Experiment from '../../benchmarks/virtual/chaos/reliability';
import type * as Chaos from '../../local/emulator/chaos';

test('if an append may replace an entry, the benchmark finds viewers whose events differ from the log', async () => {
  const path = '../../lambda-src/core/log';
  // The modules of the core import each other in a circle, so the names are read only when they are used.
  const careless = {
    get: (names: Record<string, unknown>, name: string) => {
      if (name !== 'append') return Reflect.get(names, name);
      return (...args: unknown[]) => ({
        ...(names.append as (...args: unknown[]) => object)(...args),
        when: undefined,
      });
    },
  };
  jest.doMock(path, () => new Proxy(jest.requireActual<Record<string, unknown>>(path), careless));
  const { Reliability } = jest.requireActual<typeof Experiment>('../../benchmarks/virtual/chaos/reliability');
  const { figuresOf } = jest.requireActual<typeof Figures>('../../benchmarks/reliability');
  const { profileOf } = jest.requireActual<typeof Chaos>('../../local/emulator/chaos');
  const workload = { seed: 1, requests: 20, events: 20 };
  const undisturbed = await new Reliability(workload, profileOf('calm')).run();
  const frozen = { at: 'invocation', fault: 'freeze', chance: 0.5, calls: [20, 60], ms: [15_000, 30_000] } as const;
  const outcome = await new Reliability(workload, { description: 'frozen past the lease', rules: [frozen] }).run();

  expect(figuresOf(outcome, undisturbed).log_differs).toBeGreaterThan(0);
});
