import { containsWords } from '../../../local/console/contains-words';

test.each([
  ['two words', ['WORDS of', 'the two'], true],
  ['two words', ['two', undefined], false],
  ['', [], true],
  ['6f1c22aa-0d6c-4f3e-8b0a-1f2e3d4c5b6a', ['[6f1c22aa…] begins'], true],
])('%j in %j: %p', (text, fields, expected) => {
  expect(containsWords(text, fields)).toBe(expected);
});
