import { frameKind } from '../../../local/console/frame-kind';
import { Timings } from '../../../local/console/timings';

/** Passes frames to the timings, each at its time. */
function measure(frames: readonly (readonly [at: number, direction: 'in' | 'out', frame: object, owner?: string])[]) {
  const timings = new Timings();
  for (const [at, direction, frame, owner = 'ann'] of frames) {
    timings.frame(owner, direction, frameKind(JSON.stringify(frame)), at);
  }
  return timings.all().map(({ kind, action, ms }) => [kind, action, ms]);
}

const request = (id: string, action: string) => ({ type: 'request', id, action });

test('a sync action is measured from its request to its response', () => {
  expect(
    measure([
      [100, 'in', request('a', 'echo')],
      [105, 'in', request('b', 'echo')],
      [112, 'out', { type: 'response', id: 'b', result: 1 }],
      [120, 'out', { type: 'response', id: 'a', result: 1 }],
    ]),
  ).toEqual([
    ['sync', 'echo', 7],
    ['sync', 'echo', 20],
  ]);
});

test('an async action is measured to its ack, from there to its first progress and to its end', () => {
  expect(
    measure([
      [100, 'in', request('a', 'report')],
      [110, 'out', { type: 'ack', id: 'a', status: 'PENDING' }],
      [150, 'out', { type: 'progress', id: 'a', attempt: 1, seq: 1 }],
      [160, 'out', { type: 'progress', id: 'a', attempt: 1, seq: 2 }],
      [200, 'out', { type: 'event', id: 'a', offset: 1 }],
      [310, 'out', { type: 'result', id: 'a', offset: 2, result: 1 }],
      [311, 'out', { type: 'result', id: 'a', offset: 2, result: 1 }],
    ]),
  ).toEqual([
    ['ack', 'report', 10],
    ['progress', 'report', 40],
    ['done', 'report', 200],
  ]);
});

test('a request that is sent again is measured from its first sending; an earlier request is not measured', () => {
  expect(
    measure([
      [100, 'in', request('a', 'report')],
      [8100, 'in', request('a', 'report')],
      [8110, 'out', { type: 'ack', id: 'a' }],
    ]),
  ).toEqual([['ack', 'report', 8010]]);
  expect(
    measure([
      [100, 'in', request('a', 'report')],
      [110, 'out', { type: 'ack', id: 'a', replayed: true }],
      [120, 'out', { type: 'result', id: 'a', offset: 2 }],
    ]),
  ).toEqual([]);
});

test('a refusal is not measured, and the same id of two users is two requests', () => {
  expect(
    measure([
      [100, 'in', request('a', 'report')],
      [110, 'out', { type: 'error', id: 'a', error: {} }],
      [120, 'out', { type: 'response', id: 'a', result: 1 }],
    ]),
  ).toEqual([]);
  expect(
    measure([
      [100, 'in', request('a', 'echo'), 'ann'],
      [110, 'out', { type: 'response', id: 'a', result: 1 }, 'bob'],
    ]),
  ).toEqual([]);
});
