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
  [
    'a request that continues without viewers has no such time',
    { cancelAfterMs: undefined },
    [viewer({ leftAt: 2_000 })],
    undefined,
  ],
  ['the delay is added to the time at which the only viewer left', {}, [viewer({ leftAt: 2_000 })], 62_000],
  [
    'the viewer that left last counts',
    {},
    [viewer({ leftAt: 9_000 }), viewer({ leftAt: 2_000, connectionId: 'c2' })],
    69_000,
  ],
  [
    'a connected viewer counts until the longest lifetime of its connection',
    {},
    [viewer({ leftAt: 2_000 }), viewer({ connectedAt: 700 })],
    700 + TTL_MS + 60_000,
  ],
  ['a first viewer whose item has expired has left', {}, [], 61_000],
  ['a submitted request without a viewer has no such time', { origin: undefined }, [], undefined],
  ['a submitted request with a viewer has such a time', { origin: undefined }, [viewer({ leftAt: 3_000 })], 63_000],
  [
    'the next run has no such time if only viewers of the previous run have left',
    { run: 2 },
    [viewer({ leftAt: 2_000 })],
    undefined,
  ],
  ['the next run has no such time if there is no item', { run: 2 }, [], undefined],
  [
    'the next run has such a time as soon as its own viewers leave',
    { run: 2 },
    [viewer({ run: 2, leftAt: 8_000 })],
    68_000,
  ],
  [
    'a viewer of the previous run that is still connected keeps the next run',
    { run: 2 },
    [viewer(), viewer({ run: 2, leftAt: 8_000, connectionId: 'c2' })],
    500 + TTL_MS + 60_000,
  ],
  [
    'with a delay of 0, the request is cancelled at the time at which the viewer left',
    { cancelAfterMs: 0 },
    [viewer({ leftAt: 2_000 })],
    2_000,
  ],
])('the time at which a request is cancelled follows from its viewers: %s', (_, more, viewers, expected) => {
  expect(cancelAt({ ...request, ...more }, viewers)).toBe(expected);
});
