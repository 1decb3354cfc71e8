import { decodeEntry, decodeHead } from '../../../lambda-src/core/log';
import { decodeRequest, decodeViewer, isRequest } from '../../../lambda-src/core/request';
import { decodePublished, decodeTopicEntry, decodeTopicHead } from '../../../lambda-src/core/topic-log';
import { InvalidItem, type Item } from '../../../lambda-src/core/write';
import { Bench } from '../support/bench';

type Decode = (item: Item) => unknown;

const VIEWER = { channel: 'log#0', connectionId: 'c1', connectedAt: 1, user: 'ann', expiresAt: 2 };
const EVENT = { offset: 0, run: 1, attempt: 1, fence: 1, kind: 'event', name: 'step', expiresAt: 2 };
const END = { offset: 1, run: 1, attempt: 1, fence: 1, kind: 'end', outcome: { kind: 'result', body: '1' } };
const HEAD = { fence: 1, run: 1, attempt: 1, seq: 0, viewersVersion: 1 };

const KINDS: [kind: string, decode: Decode, item: Item, required: string[], optional: Record<string, unknown>][] = [
  ['subscription', decodeViewer, VIEWER, ['connectionId', 'connectedAt'], {}],
  [
    'event entry',
    decodeEntry,
    EVENT,
    ['offset', 'run', 'attempt', 'fence', 'kind', 'name'],
    { data: '{}', toAnnounce: true },
  ],
  ['terminal entry', decodeEntry, END, ['offset', 'run', 'attempt', 'fence', 'outcome'], { toAnnounce: true }],
  ['head of a log', decodeHead, HEAD, [], { ...HEAD, afterOffset: 1, percentage: 5, message: 'm', metadata: '{}' }],
  ['head of a topic', decodeTopicHead, { epoch: 'e', next: 3 }, ['epoch', 'next'], {}],
  ['message of a topic', decodeTopicEntry, { offset: 2, data: '"x"' }, ['offset', 'data'], {}],
  ['published message', decodePublished, { epoch: 'e', at: 2 }, ['epoch', 'at'], { lanes: '[]' }],
];

describe.each(KINDS)('an item of the kind %s', (kind, decode, item, required, optional) => {
  test(`a ${kind} is read unchanged, including attributes that the kind does not have`, () => {
    const whole = { ...item, ...optional, another: 'x' };
    expect(decode(whole)).toEqual(whole);
  });

  test(`a ${kind} without an attribute that it must have is refused, by the name of the attribute`, () => {
    for (const name of required) {
      const { [name]: _, ...rest } = item;
      expect(() => decode(rest)).toThrow(InvalidItem);
      expect(() => decode(rest)).toThrow(new RegExp(`\`${name}\` must be \\w+, got: undefined`));
    }
  });

  test(`a ${kind} with an attribute of another type is refused, without its value`, () => {
    for (const name of [...required.filter((each) => each !== 'kind'), ...Object.keys(optional)]) {
      const other = typeof { ...item, ...optional }[name] === 'string' ? 4_711 : 'secret';
      expect(() => decode({ ...item, [name]: other })).toThrow(`\`${name}\` must be `);
      expect(() => decode({ ...item, [name]: other })).not.toThrow(/secret|4711/);
    }
  });
});

test('a head that was not written yet has no attributes', () => {
  expect(decodeHead(undefined)).toEqual({});
});

describe('a request', () => {
  const stored = async () => {
    const bench = new Bench();
    await bench.running();
    return (await bench.memory.get('requests', { requestKey: 'acme#alice#r1' })) as Item;
  };

  test('a request is read as it was stored', async () => {
    const item = await stored();
    expect(isRequest(item)).toBe(true);
    expect(decodeRequest(item)).toEqual(item);
  });

  test.each([
    'tenant',
    'status',
    'fence',
    'attempt',
    'maxAttempts',
    'epoch',
    'expiresAt',
  ])('a request without `%s` is refused', async (name) => {
    const { [name]: _, ...rest } = await stored();
    expect(() => decodeRequest(rest)).toThrow(`request: \`${name}\` must be`);
  });

  test.each([
    { holder: '1#k', leaseUntil: 1 },
    { minute: 4 },
    { startedAt: 5 },
  ])('%p of the same table is not a request', (item) => {
    expect(isRequest({ requestKey: '#x', ...item })).toBe(false);
  });
});
