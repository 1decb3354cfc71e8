import { CONNECTION_TTL_SECONDS, cancelAt, type Leavable } from '../../../lambda-src/core/leaving';
import type { Viewer } from '../../../lambda-src/core/request';

const request: Leavable = {
  requestKey: 't#u#r1',
  epoch: 'e',
  run: 1,
  fence: 1,
  origin: { connectionId: 'c1', connectedAt: 500 },
  createdAt: 1_000,
  cancelAfterMs: 60_000,
};
const viewer = (more: Partial<Viewer> = {}): Viewer => ({ connectionId: 'c1', connectedAt: 500, run: 1, ...more });
const TTL_MS = CONNECTION_TTL_SECONDS * 1000;

test.each<[what: string, request: Partial<Leavable>, viewers: Viewer[], expected: number | undefined]>([
  ['a request of another action has none', { cancelAfterMs: undefined }, [viewer({ leftAt: 2_000 })], undefined],
  ['it is the leaving of the only viewer plus the time', {}, [viewer({ leftAt: 2_000 })], 62_000],
  [
    'the last of several viewers counts',
    {},
    [viewer({ leftAt: 9_000 }), viewer({ leftAt: 2_000, connectionId: 'c2' })],
    69_000,
  ],
  [
    'a viewer that is there counts until the longest lifetime of its connection',
    {},
    [viewer({ leftAt: 2_000 }), viewer({ connectedAt: 700 })],
    700 + TTL_MS + 60_000,
  ],
  ['a first viewer whose item has expired has left', {}, [], 61_000],
  ['a submitted request without a viewer has none', { origin: undefined }, [], undefined],
  ['a submitted request with a viewer has one', { origin: undefined }, [viewer({ leftAt: 3_000 })], 63_000],
  [
    'the next run has none, if only viewers of the run before have left',
    { run: 2 },
    [viewer({ leftAt: 2_000 })],
    undefined,
  ],
  ['the next run has none without an item, either', { run: 2 }, [], undefined],
  ['the next run has a time as soon as its own viewers leave', { run: 2 }, [viewer({ run: 2, leftAt: 8_000 })], 68_000],
  [
    'a viewer of the run before that is still there keeps the next run',
    { run: 2 },
    [viewer(), viewer({ run: 2, leftAt: 8_000, connectionId: 'c2' })],
    500 + TTL_MS + 60_000,
  ],
  ['with no time at all, it is the leaving itself', { cancelAfterMs: 0 }, [viewer({ leftAt: 2_000 })], 2_000],
])('the time at which leaving cancels a request is known from its viewers: %s', (_, more, viewers, expected) => {
  expect(cancelAt({ ...request, ...more }, viewers)).toBe(expected);
});
