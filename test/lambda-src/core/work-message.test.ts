import { asWorkMessage } from '../../../lambda-src/core/request';

test('the message that was written is read back, without what else is there', () => {
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
])('%j is no message', (text) => {
  expect(asWorkMessage(text)).toBeUndefined();
});
