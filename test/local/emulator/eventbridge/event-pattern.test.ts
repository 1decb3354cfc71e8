import { compileEventPattern } from '../../../../local/emulator/eventbridge';

const event = {
  source: 'cdk-streamer',
  'detail-type': 'Streamer Request Failed',
  detail: { tenant: 'Acme', attempt: 3, ip: '10.1.2.3', ip6: 'fd00::1', tags: ['red', 'green'], path: 'a/*/b.txt' },
};

const detail = (pattern: object) => ({ detail: pattern });

describe('BUS-01 event patterns', () => {
  test.each([
    ['values', { source: ['cdk-streamer'], 'detail-type': ['Streamer Request Failed'] }, true],
    ['another value', { source: ['other'] }, false],
    ['prefix', { 'detail-type': [{ prefix: 'Streamer ' }] }, true],
    ['prefix in another case', { 'detail-type': [{ prefix: 'streamer' }] }, false],
    ['prefix in any case', { 'detail-type': [{ prefix: { 'equals-ignore-case': 'STREAMER' } }] }, true],
    ['suffix', { 'detail-type': [{ suffix: 'Failed' }] }, true],
    ['suffix in any case', { 'detail-type': [{ suffix: { 'equals-ignore-case': 'FAILED' } }] }, true],
    ['equals-ignore-case', detail({ tenant: [{ 'equals-ignore-case': 'aCME' }] }), true],
    ['anything-but a value', detail({ tenant: [{ 'anything-but': ['Other'] }] }), true],
    ['anything-but the value', detail({ tenant: [{ 'anything-but': 'Acme' }] }), false],
    ['anything-but a prefix', detail({ tenant: [{ 'anything-but': { prefix: 'Ac' } }] }), false],
    ['anything-but another prefix', detail({ tenant: [{ 'anything-but': { prefix: ['x', 'y'] } }] }), true],
    ['anything-but one of several suffixes', detail({ tenant: [{ 'anything-but': { suffix: ['x', 'me'] } }] }), false],
    ['anything-but in any case', detail({ tenant: [{ 'anything-but': { 'equals-ignore-case': 'ACME' } }] }), false],
    ['anything-but a wildcard', detail({ path: [{ 'anything-but': { wildcard: 'a/*.txt' } }] }), false],
    ['anything-but of what is absent', detail({ none: [{ 'anything-but': { prefix: 'x' } }] }), false],
    ['numeric', detail({ attempt: [{ numeric: ['>', 2, '<=', 3] }] }), true],
    ['numeric outside', detail({ attempt: [{ numeric: ['>', 3] }] }), false],
    ['exists', detail({ tenant: [{ exists: true }], none: [{ exists: false }] }), true],
    ['wildcard', detail({ path: [{ wildcard: 'a/*.txt' }] }), true],
    ['wildcard with other characters of expressions', detail({ path: [{ wildcard: 'a/*b+txt' }] }), false],
    ['an escaped wildcard', detail({ path: [{ wildcard: 'a/\\*/b.txt' }] }), true],
    ['an escaped wildcard is not a wildcard', detail({ path: [{ wildcard: 'a/\\*txt' }] }), false],
    ['cidr', detail({ ip: [{ cidr: '10.0.0.0/8' }] }), true],
    ['cidr outside', detail({ ip: [{ cidr: '192.168.0.0/16' }] }), false],
    ['cidr of version 6', detail({ ip6: [{ cidr: 'fd00::/8' }] }), true],
    ['cidr of the other version', detail({ ip6: [{ cidr: '10.0.0.0/8' }] }), false],
    ['an element of a list', detail({ tags: ['green'] }), true],
    ['$or', { $or: [{ source: ['other'] }, detail({ attempt: [3] })] }, true],
    ['$or within the detail', detail({ $or: [{ attempt: [1] }, { tenant: [{ prefix: 'B' }] }] }), false],
  ])('BUS-01 event patterns: %s', (_name, pattern, expected) => {
    expect(compileEventPattern(pattern)(event)).toBe(expected);
  });

  test.each([
    ['an unknown operator', { a: [{ like: 'x' }] }, '`like`'],
    ['a value that is not an array', { a: 'x' }, '`a`'],
    ['consecutive wildcards', { a: [{ wildcard: 'x**' }] }, '`wildcard`'],
    ['an invalid range', { a: [{ cidr: '10.0.0.0' }] }, '`cidr`'],
    ['numbers within anything-but', { a: [{ 'anything-but': { numeric: ['>', 1] } }] }, '`numeric`'],
  ])('%s is refused', (_name, pattern, named) => {
    expect(() => compileEventPattern(pattern)).toThrow(named);
  });
});
