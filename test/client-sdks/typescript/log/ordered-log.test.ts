import * as fc from 'fast-check';
import { firstOffset, startsOver } from '../../../../client-sdks/typescript/src/log/ordered-log';
import { type LogStep, readLogVectors } from '../../../protocol/vectors';
import { Reader, type Taken } from './reader';
import { arbitraryRun, run } from './server-log';

const entriesFrom = (first: number, end: number) =>
  Array.from({ length: end - first }, (_, i) => ({ offset: first + i }));

test('the first offset is that of the first entry, or that of the answer if it has no entries', () => {
  expect(firstOffset({ epoch: 'e', offset: 9, entries: entriesFrom(7, 9) })).toBe(7);
  expect(firstOffset({ epoch: 'e', offset: 9, entries: [] })).toBe(9);
  expect(firstOffset({ epoch: 'e', offset: 9 })).toBe(9);
});

test.each([
  ['another epoch', { epoch: 'e', asked: 2 }, 2, { epoch: 'f', offset: 3 }, true],
  ['an epoch that was not known', { epoch: undefined, asked: 2 }, 2, { epoch: 'f', offset: 3 }, false],
  ['the same epoch', { epoch: 'e', asked: 2 }, 2, { epoch: 'e', offset: 3 }, false],
  ['a log that was cut off in front', { epoch: 'e', asked: 2 }, 2, { epoch: 'e', offset: 4, recovered: false }, true],
  ['a log that ends before the offset', { epoch: 'e', asked: 5 }, 5, { epoch: 'e', offset: 4, recovered: false }, true],
  ['an answer that was overtaken', { epoch: 'e', asked: 2 }, 5, { epoch: 'e', offset: 4, recovered: false }, false],
])('%s', (_, state, offset, ack, expected) => {
  expect(startsOver(state, offset, ack)).toBe(expected);
});

test('an answer that arrives again does not start over, however many frames came in between', () => {
  const numbers = fc.record({ asked: fc.nat(50), first: fc.nat(50), count: fc.nat(10), since: fc.nat(10) });
  fc.assert(
    fc.property(numbers, ({ asked, first, count, since }) => {
      const ack = { epoch: 'f', offset: first + count, recovered: false, entries: entriesFrom(first, first + count) };
      const expected = first + count + since;
      fc.pre(since === 0 || expected !== asked);
      expect(startsOver({ epoch: 'f', asked }, expected, ack)).toBe(false);
    }),
  );
});

function take(reader: Reader, { frame, epoch, ack }: LogStep): Taken {
  if (frame !== undefined) return reader.frame({ offset: frame, epoch });
  if (ack) return reader.ack(ack);
  reader.read();
  return { delivers: [], startsOver: false };
}

test.each(readLogVectors().map(({ name, ...vector }) => [name, vector] as const))('%s', (_, { start, steps }) => {
  const reader = new Reader(start);
  const taken = steps.map((step) => ({
    ...take(reader, step),
    ...(step.next !== undefined && { next: reader.next }),
    ...(step.missing !== undefined && { missing: reader.isMissing }),
  }));
  const expected = steps.map(({ delivers = [], startsOver: over = false, next, missing }) => ({
    delivers,
    startsOver: over,
    ...(next !== undefined && { next }),
    ...(missing !== undefined && { missing }),
  }));
  expect(taken).toEqual(expected);
});

test('a reader delivers each entry of a log once and in order, however frames and answers are lost, repeated and reordered', () => {
  fc.assert(
    fc.property(arbitraryRun, (steps) => {
      const { problems, delivered, end } = run(steps);
      expect(problems).toEqual([]);
      expect(delivered).toBe(end);
    }),
    { numRuns: 500 },
  );
});
