import { absent, and, type Condition, eq, exists, holds, type Item, lt, lte, or } from '../../../lambda-src/core/write';

const cases: [string, Condition, Item | undefined, boolean][] = [
  ['an attribute that is there exists', exists('a'), { a: 0 }, true],
  ['one that is missing does not exist', exists('a'), { b: 0 }, false],
  ['nothing exists on no item', exists('a'), undefined, false],
  ['a missing attribute is absent', absent('a'), {}, true],
  ['everything is absent on no item', absent('a'), undefined, true],
  ['an attribute that is false is not absent', absent('a'), { a: false }, false],
  ['equal values are equal', eq('a', 'x'), { a: 'x' }, true],
  ['other values are not', eq('a', 'x'), { a: 'y' }, false],
  ['a missing attribute equals nothing', eq('a', 'x'), {}, false],
  ['a number does not equal its text', eq('a', '1'), { a: 1 }, false],
  ['less is less', lt('a', 2), { a: 1 }, true],
  ['equal is not less', lt('a', 2), { a: 2 }, false],
  ['equal is less or equal', lte('a', 2), { a: 2 }, true],
  ['a missing attribute is not less than anything', lt('a', 2), {}, false],
  ['a string is not less than a number', lt('a', 2), { a: '1' }, false],
  ['an attribute is compared with another', lt('a', { attribute: 'b' }), { a: 1, b: 2 }, true],
  ['and not with one that is missing', lt('a', { attribute: 'b' }), { a: 1 }, false],
  ['two missing attributes are not equal', { op: 'eq', attribute: 'a', value: { attribute: 'b' } }, {}, false],
  ['truth values have no order', lt('a', { attribute: 'b' }), { a: false, b: true }, false],
  ['strings are ordered by their UTF-8 bytes', lt('a', '\u{1f600}'), { a: '\uffee' }, true],
  ['and not by their UTF-16 units', lt('a', '\uffee'), { a: '\u{1f600}' }, false],
  ['all of `and` must hold', and(exists('a'), eq('b', 1)), { a: 1, b: 2 }, false],
  ['one of `or` must hold', or(exists('a'), eq('b', 1)), { b: 1 }, true],
  ['none of `or` is not enough', or(exists('a'), eq('b', 1)), { b: 2 }, false],
];

test.each(cases)('%s', (_, condition, item, expected) => {
  expect(holds(condition, item)).toBe(expected);
});
