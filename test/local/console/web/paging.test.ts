import fc from 'fast-check';
import { pageOf } from '../../../../local/console/web/logic/paging';

const LIST = Array.from({ length: 250 }, (_, i) => i);

test.each([
  [undefined, -1, 1, 0],
  [undefined, 120, 2, 100],
  ['3', -1, 3, 200],
  ['3', 5, 3, 200],
  ['99', -1, 3, 200],
  ['0', -1, 1, 0],
  ['-4', -1, 1, 0],
  ['x', 249, 3, 200],
])('page %p with item %p open is number %p', (page, showing, number, first) => {
  const found = pageOf(LIST, { page, rows: 100, showing });

  expect(found).toMatchObject({ number, pages: 3, first: first + 1, total: 250 });
  expect(found.items[0]).toBe(first);
});

test('all pages of a list together are the list', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 20 }), (list, rows) => {
      const { pages } = pageOf(list, { page: '1', rows, showing: -1 });
      const all = Array.from(
        { length: pages },
        (_, i) => pageOf(list, { page: String(i + 1), rows, showing: -1 }).items,
      );

      expect(all.flat()).toEqual(list);
    }),
  );
});
