import fc from 'fast-check';
import { OrderedMap } from '../../../../../local/emulator/dynamodb/engine/ordered-map';

const key = fc.string({ minLength: 1, maxLength: 2, unit: fc.constantFrom('a', 'b', '/', '~') });
const bound = fc.option(key, { nil: undefined });

describe('An ordered map', () => {
  test('An ordered map returns the same range as a plain map that is filtered and sorted', () => {
    const range = fc.record({
      gt: bound,
      gte: bound,
      lt: bound,
      lte: bound,
      reverse: fc.boolean(),
      limit: fc.integer({ min: -1, max: 4 }),
    });
    const steps = fc.array(fc.record({ key, remove: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, range, (writes, { limit, ...bounds }) => {
        const map = new OrderedMap<number>();
        const plain = new Map<string, number>();
        writes.forEach((write, i) => {
          if (write.remove) map.delete(write.key);
          else map.set(write.key, i);
          if (write.remove) plain.delete(write.key);
          else plain.set(write.key, i);
        });
        const { gt = '', gte = '', lt = '\uffff', lte = '\uffff', reverse } = bounds;
        const all = [...plain]
          .sort(([x], [y]) => (x < y ? -1 : 1))
          .filter(([k]) => k > gt && k >= gte && k < lt && k <= lte);
        const ordered = reverse ? all.reverse() : all;
        expect([...map.entries({ ...bounds, limit })]).toEqual(limit < 0 ? ordered : ordered.slice(0, limit));
        expect(map.size).toBe(plain.size);
      }),
    );
  });

  test('An ordered map stays in order through many thousand insertions and removals', () => {
    const map = new OrderedMap<number>();
    const keys = Array.from({ length: 5000 }, (_, i) => String((i * 7919) % 5000).padStart(4, '0'));
    for (const [i, one] of keys.entries()) map.set(one, i);
    for (const one of keys.filter((_, i) => i % 3 === 0)) map.delete(one);
    const left = keys.filter((_, i) => i % 3 !== 0).sort();
    expect([...map.entries()].map(([one]) => one)).toEqual(left);
    expect([...map.entries({ gt: left[1000], lte: left[1003] })].map(([one]) => one)).toEqual(left.slice(1001, 1004));
  });
});
