import * as fc from 'fast-check';
import { FrameQueue, type Outgoing } from '../../../../lambda-src/flows/viewers/viewer-line';

const entry = (name: string, size = 0): Outgoing => ({ kind: 'entry', text: name.padEnd(size, '.') });
const progress = (name: string): Outgoing => ({ kind: 'progress', text: name });
const texts = (queue: FrameQueue) => queue.takeAll().map(({ text }) => text.replace(/\.+$/, ''));
function queueOf(...frames: Outgoing[]): FrameQueue {
  const queue = new FrameQueue();
  for (const frame of frames) queue.push(frame);
  return queue;
}

test('frames leave in the order of their arrival, and a later progress replaces an earlier one', () => {
  expect(texts(queueOf(entry('a'), progress('1'), entry('b'), progress('2'), entry('c')))).toEqual([
    'a',
    'b',
    '2',
    'c',
  ]);
});

test('a collapsed queue has the last entry and the last progress in their order', () => {
  const queue = queueOf(entry('a'), entry('b'), progress('1'), entry('c'));
  queue.collapse();

  expect(texts(queue)).toEqual(['1', 'c']);
});

test('a frame that was taken and put back leaves first', () => {
  const queue = queueOf(entry('a'), entry('b'));
  queue.putBack(queue.take() as Outgoing);

  expect(texts(queue)).toEqual(['a', 'b']);
  expect(queue.isEmpty).toBe(true);
});

test('the memory of a frame queue is bounded, the order stays, and the last frame of each kind is never dropped', () => {
  const frames = fc.array(fc.record({ isEntry: fc.boolean(), size: fc.nat(200_000), takes: fc.nat(2) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(frames, (all) => {
      const queue = new FrameQueue();
      const taken: number[] = [];
      let held = 0;
      for (const [index, { isEntry, size, takes }] of all.entries()) {
        queue.push(isEntry ? entry(String(index), size) : progress(String(index)));
        for (let i = 0; i < takes; i++)
          taken.push(...[queue.take()].flatMap((f) => (f ? [Number.parseInt(f.text, 10)] : [])));
      }
      const rest = queue.takeAll();
      held = rest.reduce((total, { text }) => total + text.length, 0);
      const numbers = [...taken, ...rest.map(({ text }) => Number.parseInt(text, 10))];
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
      expect(held).toBeLessThanOrEqual(512 * 1024);
      for (const isEntry of [true, false]) {
        const last = all.findLastIndex((frame) => frame.isEntry === isEntry);
        if (last >= 0) expect(numbers).toContain(last);
      }
    }),
  );
});
