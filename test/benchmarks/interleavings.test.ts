import { availableParallelism } from 'node:os';
import { optionsOf } from '../../benchmarks/interleavings';

test('the seed is random, and the simulations use all cores, unless options set them', () => {
  expect(optionsOf([])).toEqual({ seed: expect.any(Number), runs: 20_000, processes: availableParallelism() });
  expect(optionsOf([]).seed).not.toBe(optionsOf([]).seed);
  expect(optionsOf(['--seed', '7', '--runs', '100', '--processes', '3'])).toEqual({ seed: 7, runs: 100, processes: 3 });
});

test.each([
  [['--seed', '-1'], '--seed'],
  [['--runs', '0'], '--runs must be a positive integer, got: 0'],
  [['--processes', 'all'], '--processes must be a positive integer, got: all'],
  [['--cores', '3'], "Unknown option '--cores'"],
])('%j is refused', (args, message) => {
  expect(() => optionsOf(args)).toThrow(message);
});
