import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { parseJsonObject, readBody } from '../../../../local/emulator/http';

const requestOf = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk))) as IncomingMessage;

test('a body up to the limit is returned whole', async () => {
  expect((await readBody(requestOf('ab', 'cd'), 4))?.toString()).toBe('abcd');
  expect((await readBody(requestOf(), 0))?.length).toBe(0);
});

test('a body above the limit is read to its end, and is not returned', async () => {
  const request = requestOf('ab', 'cd', 'ef');
  expect(await readBody(request, 3)).toBeUndefined();
  expect(request.readableEnded).toBe(true);
});

test.each(['[]', 'null', '1', '"a"', '{', ''])('%p is not a JSON object', (text) => {
  expect(parseJsonObject(text)).toBeUndefined();
});

test('a JSON object is parsed', () => {
  expect(parseJsonObject('{"a":[1]}')).toEqual({ a: [1] });
});
