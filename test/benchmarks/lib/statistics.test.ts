import { interleave, median, percentile, ratios, shuffle, significant } from '../../../benchmarks/lib/statistics';

describe('percentile', () => {
  test('the median of an odd number of values is the one in the middle, whatever their order', () => {
    expect(median([30, 10, 20])).toBe(20);
  });

  test('the median of an even number of values lies between the two in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  test('the 99th percentile of 101 values is the last but one', () => {
    expect(
      percentile(
        Array.from({ length: 101 }, (_, i) => i),
        99,
      ),
    ).toBe(99);
  });

  test('values in between are interpolated', () => {
    expect(percentile([0, 10], 25)).toBe(2.5);
  });

  test('no values have no percentile', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test('numbers are rounded to significant digits', () => {
  expect([significant(1234.5), significant(0.00123456), significant(2.456, 2)]).toEqual([1230, 0.00123, 2.5]);
});

test('shuffling keeps every item and leaves the given list alone', () => {
  const items = [1, 2, 3, 4];
  expect(shuffle(items, () => 0)).toEqual([2, 3, 4, 1]);
  expect(items).toEqual([1, 2, 3, 4]);
});

test('interleaving takes one sample of each subject in every round', async () => {
  const order: string[] = [];
  const samples = await interleave(['a', 'b', 'c'], 4, async (subject) => order.push(subject));
  expect([...samples.keys()]).toEqual(['a', 'b', 'c']);
  for (let round = 0; round < 4; round++) {
    expect(order.slice(3 * round, 3 * round + 3).sort()).toEqual(['a', 'b', 'c']);
  }
  expect([...samples.values()].flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
});

describe('ratios', () => {
  test('ratios are those of the values at the same place', () => {
    expect(ratios([2, 30, 1], [1, 10, 4])).toEqual([2, 3, 0.25]);
  });

  test('ratios need as many values of each', () => {
    expect(() => ratios([1, 2], [1])).toThrow(new RangeError('2 values, 1 others'));
  });
});
