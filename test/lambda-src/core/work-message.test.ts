import { asWorkMessage } from '../../../lambda-src/core/request';

test('a work message is read as it was written, without additional fields', () => {
  expect(asWorkMessage('{"requestKey":"acme#jo#r1","more":1}')).toEqual({ requestKey: 'acme#jo#r1' });
});

test.each([
  '',
  'hello',
  'null',
  '1',
  '[]',
  '{}',
  '{"requestKey":1}',
  '{"requestKey":null}',
  '"requestKey"',
])('%j is not a work message', (text) => {
  expect(asWorkMessage(text)).toBeUndefined();
});
