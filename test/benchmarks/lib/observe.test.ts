import { observe } from '../../../benchmarks/lib/observe';

class Counter {
  private total = 1;

  public add(amount: number): number {
    this.total += amount;
    return this.total;
  }
}

test('an observed method works as before and its arguments and result are reported', () => {
  const counter = new Counter();
  const told: unknown[] = [];
  observe(counter, 'add', (args, result) => told.push([args, result]));
  expect(counter.add(4)).toBe(5);
  expect(told).toEqual([[[4], 5]]);
});

test('other objects of the class are not observed', () => {
  const told: unknown[] = [];
  observe(new Counter(), 'add', () => told.push('told'));
  new Counter().add(1);
  expect(told).toEqual([]);
});
