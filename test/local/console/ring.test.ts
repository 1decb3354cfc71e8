import { Ring } from '../../../local/console/ring';

test('a ring keeps the last items, in their order', () => {
  const ring = new Ring<number>(4);
  for (let i = 1; i <= 11; i++) ring.add(i);
  expect(ring.all()).toEqual([8, 9, 10, 11]);
});

test('a ring keeps fewer items if they are large', () => {
  const ring = new Ring<string>(100, 1000, (text) => text.length);
  for (let i = 0; i < 50; i++) ring.add(String(i).padEnd(100, '.'));
  const kept = ring.all().reduce((sum, text) => sum + text.length, 0);
  expect(kept).toBeLessThanOrEqual(1000);
  expect(ring.all().at(-1)).toMatch(/^49\./);
});

test('a ring keeps a single item even if it is too large', () => {
  const ring = new Ring<string>(10, 5, (text) => text.length);
  ring.add('small');
  ring.add('larger than all of it');
  expect(ring.all()).toEqual(['larger than all of it']);
});
