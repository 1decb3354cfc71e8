import { Ring } from '../../../local/console/ring';

test('keeps the last ones, in their order', () => {
  const ring = new Ring<number>(4);
  for (let i = 1; i <= 11; i++) ring.add(i);
  expect(ring.all()).toEqual([8, 9, 10, 11]);
});

test('keeps less where what is kept is large', () => {
  const ring = new Ring<string>(100, 1000, (text) => text.length);
  for (let i = 0; i < 50; i++) ring.add(String(i).padEnd(100, '.'));
  const kept = ring.all().reduce((sum, text) => sum + text.length, 0);
  expect(kept).toBeLessThanOrEqual(1000);
  expect(ring.all().at(-1)).toMatch(/^49\./);
});

test('keeps one that is too large alone, rather than none', () => {
  const ring = new Ring<string>(10, 5, (text) => text.length);
  ring.add('small');
  ring.add('larger than all of it');
  expect(ring.all()).toEqual(['larger than all of it']);
});
