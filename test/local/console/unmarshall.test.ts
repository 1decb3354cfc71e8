import { plainItem } from '../../../local/console/unmarshall';

test('an item becomes plain JSON, and no number loses digits', () => {
  expect(
    plainItem({
      text: { S: 'a' },
      number: { N: '1.5' },
      large: { N: '123456789012345678901' },
      yes: { BOOL: true },
      none: { NULL: true },
      list: { L: [{ S: 'b' }, { M: { deep: { N: '2' } } }] },
      numbers: { NS: ['1', '2'] },
      texts: { SS: ['x'] },
      binary: { B: 'AQI=' },
    }),
  ).toEqual({
    text: 'a',
    number: 1.5,
    large: '123456789012345678901',
    yes: true,
    none: null,
    list: ['b', { deep: 2 }],
    numbers: [1, 2],
    texts: ['x'],
    binary: 'AQI=',
  });
});
