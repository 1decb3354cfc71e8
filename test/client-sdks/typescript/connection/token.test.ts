import { askForToken, offeredProtocols } from '../../../../client-sdks/typescript/src/connection/token';
import { CONSTANTS } from '../../../../lambda-src/protocol';

test('a token is a string, or the return value of a function that may be asynchronous', async () => {
  expect(await askForToken('a')).toBe('a');
  expect(await askForToken(() => 'b')).toBe('b');
  expect(await askForToken(async () => 'c')).toBe('c');
});

test('the token is offered next to the protocol, in base64url without padding', () => {
  const [protocol, bearer] = offeredProtocols('a?>~token');
  expect(protocol).toBe(CONSTANTS.subprotocol);
  expect(bearer).toMatch(/^bearer\.[A-Za-z0-9_-]+$/);
  expect(Buffer.from(bearer.slice('bearer.'.length), 'base64url').toString()).toBe('a?>~token');
});

test('the longest token is accepted, and one character more is refused', () => {
  const { tokenChars } = CONSTANTS.limits;
  expect(offeredProtocols('x'.repeat(tokenChars))).toHaveLength(2);
  expect(() => offeredProtocols('x'.repeat(tokenChars + 1))).toThrow(`1 to ${tokenChars} visible`);
});

test.each(
  [['', 'secret token', 'sécret', undefined, 7, null]].flat(),
)('%p is not a token, and the error does not contain it', (token) => {
  expect(() => offeredProtocols(token)).toThrow(
    expect.objectContaining({ code: 'UNAUTHORIZED', message: expect.not.stringContaining('cret') }),
  );
});
