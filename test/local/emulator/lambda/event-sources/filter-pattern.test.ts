import { compilePattern, FilterPatternError } from '../../../../../local/emulator/lambda/event-sources';

const event = {
  eventName: 'MODIFY',
  count: 5,
  text: '',
  nothing: null,
  flag: true,
  tags: ['red', 'green'],
  items: [{ id: 'a' }, { id: 'b' }],
  dynamodb: { NewImage: { status: { S: 'PENDING' }, n: { N: '7' }, on: { BOOL: true } } },
};

const image = (NewImage: object) => ({ dynamodb: { NewImage } });

describe('ESM-STREAM-01 filter patterns', () => {
  test.each([
    ['a value', { eventName: ['MODIFY'] }, true],
    ['another value', { eventName: ['INSERT'] }, false],
    ['one of several values', { eventName: ['INSERT', 'MODIFY'] }, true],
    ['a number', { count: [5] }, true],
    ['a number as text', { count: ['5'] }, false],
    ['a boolean', image({ on: { BOOL: [true] } }), true],
    ['the empty text', { text: [''] }, true],
    ['null', { nothing: [null] }, true],
    ['null where there is a value', { eventName: [null] }, false],
    ['null where there is nothing', { absent: [null] }, false],
    ['two fields, both right', { eventName: ['MODIFY'], count: [5] }, true],
    ['two fields, one wrong', { eventName: ['MODIFY'], count: [6] }, false],
    ['a nested field', image({ status: { S: ['PENDING'] } }), true],
    ['a nested field of another value', image({ status: { S: ['RUNNING'] } }), false],
    ['prefix', image({ status: { S: [{ prefix: 'PEN' }] } }), true],
    ['prefix of another case', image({ status: { S: [{ prefix: 'pen' }] } }), false],
    ['suffix', image({ status: { S: [{ suffix: 'ING' }] } }), true],
    ['equals-ignore-case', image({ status: { S: [{ 'equals-ignore-case': 'pending' }] } }), true],
    ['anything-but a value', { eventName: [{ 'anything-but': 'INSERT' }] }, true],
    ['anything-but the value', { eventName: [{ 'anything-but': ['INSERT', 'MODIFY'] }] }, false],
    ['anything-but of an absent field', { absent: [{ 'anything-but': 'x' }] }, false],
    ['exists', { eventName: [{ exists: true }] }, true],
    ['exists of an object', { dynamodb: [{ exists: true }] }, false],
    ['exists of nothing', { absent: [{ exists: true }] }, false],
    ['not exists', image({ gone: { S: [{ exists: false }] } }), true],
    ['not exists of a present field', image({ status: { S: [{ exists: false }] } }), false],
    ['numeric range', { count: [{ numeric: ['>', 4, '<=', 5] }] }, true],
    ['numeric outside', { count: [{ numeric: ['<', 5] }] }, false],
    ['numeric on DynamoDB’s numbers, which are text', image({ n: { N: [{ numeric: ['=', 7] }] } }), false],
    ['an element of a list', { tags: ['green'] }, true],
    ['a field of a list’s objects', { items: { id: ['b'] } }, true],
    ['$or', { $or: [{ eventName: ['INSERT'] }, { count: [5] }] }, true],
    ['$or with none', { $or: [{ eventName: ['INSERT'] }, { count: [6] }] }, false],
    ['$or next to a field', { eventName: ['INSERT'], $or: [{ count: [5] }, { count: [6] }] }, false],
    ['a name of every object', { constructor: [{ exists: true }] }, false],
    ['an empty pattern', {}, true],
  ])('ESM-STREAM-01 filter patterns: %s', (_name, pattern, expected) => {
    expect(compilePattern(pattern)(event)).toBe(expected);
  });

  test.each([
    ['wildcard', { a: [{ wildcard: 'x*' }] }, '`wildcard`'],
    ['cidr', { a: [{ cidr: '10.0.0.0/8' }] }, '`cidr`'],
    ['anything-but with prefix', { a: [{ 'anything-but': { prefix: 'x' } }] }, '`anything-but` with `prefix`'],
    ['an operator inside $or', { $or: [{ a: [{ wildcard: 'x' }] }, { b: ['c'] }] }, '`wildcard`'],
    ['a bare value', { a: 'x' }, '`a` must be'],
    ['an empty list', { a: [] }, '`a` must be'],
    ['a broken range', { a: [{ numeric: ['~', 1] }] }, '`numeric`'],
  ])('%s is refused with its name', (_name, pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(FilterPatternError);
    expect(() => compilePattern(pattern)).toThrow(message);
  });
});
