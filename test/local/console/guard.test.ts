import type { IncomingMessage } from 'node:http';
import { isJson, refusalOf } from '../../../local/console/guard';

function refuses(headers: Record<string, string>, method = 'GET'): boolean {
  return (
    refusalOf({ method, headers: { host: '127.0.0.1:4000', ...headers } } as unknown as IncomingMessage) !== undefined
  );
}

test('the page itself and tools without an origin are served', () => {
  expect(refuses({})).toBe(false);
  expect(refuses({ 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:4000' })).toBe(false);
  expect(refuses({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toBe(false);
  expect(refuses({ host: 'localhost:4000', origin: 'http://localhost:4000' })).toBe(false);
});

test.each([
  ['a page of the web', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['a page of another port', { origin: 'http://127.0.0.1:5173', 'sec-fetch-site': 'same-site' }],
  ['a script tag of a page of the web', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  [
    'a frame of a page of the web',
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ],
  ['a page with an opaque origin', { origin: 'null' }],
  ['another name of this machine', { host: 'rebound.example:4000' }],
])('%s is refused', (_who, headers) => {
  expect(refuses(headers)).toBe(true);
});

test('a link of any page may open the console, but no form may post to it', () => {
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  expect(refuses(link)).toBe(false);
  expect(refuses(link, 'POST')).toBe(true);
  expect(isJson({ headers: { 'content-type': 'text/plain' } } as IncomingMessage)).toBe(false);
  expect(isJson({ headers: { 'content-type': 'application/json; charset=utf-8' } } as IncomingMessage)).toBe(true);
});
