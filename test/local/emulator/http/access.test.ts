import { hostname } from 'node:os';
import fc from 'fast-check';
import { type Access, accessRefusal, hostRule, isLoopbackOrigin, loopbackOnly } from '../../../../local/emulator/http';

const HOST = '127.0.0.1:4000';
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36';

type Headers = Record<string, string>;

const refused = (access: Access, headers: Headers, method = 'GET') =>
  accessRefusal({ method, headers: { host: HOST, ...headers } }, access) !== undefined;

const program = { 'user-agent': 'node' };
const fetchOfNode = { 'user-agent': 'node', 'sec-fetch-mode': 'cors' };
const ownPage = { 'user-agent': BROWSER, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' };
const loopbackPage = { 'user-agent': BROWSER, origin: 'http://localhost:5173', 'sec-fetch-site': 'cross-site' };
const foreignPage = { 'user-agent': BROWSER, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
const image = {
  'user-agent': BROWSER,
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'no-cors',
  'sec-fetch-dest': 'image',
};
const sandbox = { 'user-agent': BROWSER, origin: 'null', 'sec-fetch-site': 'cross-site' };
const link = {
  'user-agent': BROWSER,
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};
const frame = { ...link, 'sec-fetch-dest': 'iframe' };
const typed = { ...link, 'sec-fetch-site': 'none' };
const oldBrowser = { 'user-agent': BROWSER };

test.each<[string, Headers, Record<Access, boolean>]>([
  ['a program', program, { programs: true, 'own-pages': true, 'loopback-pages': true, 'any-page': true }],
  ['fetch of Node.js', fetchOfNode, { programs: true, 'own-pages': true, 'loopback-pages': true, 'any-page': true }],
  ['its own page', ownPage, { programs: false, 'own-pages': true, 'loopback-pages': true, 'any-page': true }],
  ['a loopback page', loopbackPage, { programs: false, 'own-pages': false, 'loopback-pages': true, 'any-page': true }],
  ['a foreign page', foreignPage, { programs: false, 'own-pages': false, 'loopback-pages': false, 'any-page': true }],
  [
    'an image of a foreign page',
    image,
    { programs: false, 'own-pages': false, 'loopback-pages': false, 'any-page': true },
  ],
  ['a sandboxed frame', sandbox, { programs: false, 'own-pages': false, 'loopback-pages': false, 'any-page': true }],
  ['a link of a foreign page', link, { programs: false, 'own-pages': true, 'loopback-pages': false, 'any-page': true }],
  [
    'a frame in a foreign page',
    frame,
    { programs: false, 'own-pages': false, 'loopback-pages': false, 'any-page': true },
  ],
  ['a typed address', typed, { programs: false, 'own-pages': true, 'loopback-pages': true, 'any-page': true }],
  [
    'a browser from before 2023',
    oldBrowser,
    { programs: false, 'own-pages': true, 'loopback-pages': true, 'any-page': true },
  ],
])('%s may use what its access allows', (_name, headers, allowed) => {
  for (const [access, may] of Object.entries(allowed))
    expect([access, !refused(access as Access, headers)]).toEqual([access, may]);
});

test('a link opens a page by GET only', () => {
  expect(refused('own-pages', link, 'POST')).toBe(true);
});

test.each([
  'programs',
  'own-pages',
  'loopback-pages',
  'any-page',
] as const)('%s: a foreign or a missing Host is refused', (access) => {
  for (const host of [
    'evil.example',
    'evil.example:4000',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '',
    '10.0.0.7',
  ]) {
    expect(refused(access, { host })).toBe(true);
  }
  expect(accessRefusal({ method: 'GET', headers: {} }, access)).toBe(
    'this server accepts requests to its own address only',
  );
});

test('no name of another machine counts as loopback', () => {
  const loopback = /^(localhost|\[::1\]|127\.\d{1,3}\.\d{1,3}\.\d{1,3})(:\d{1,5})?$/i;
  fc.assert(
    fc.property(
      fc.oneof(fc.domain(), fc.ipV4(), fc.string(), fc.constantFrom('localhost', '127.0.0.1', '[::1]')),
      (name) => {
        expect(loopbackOnly(name)).toBe(loopback.test(name));
        expect(isLoopbackOrigin(`http://${name}`)).toBe(loopback.test(name));
        expect(isLoopbackOrigin(`https://${name}`)).toBe(false);
      },
    ),
  );
});

test('a server on a loopback address answers to loopback names and to those that were allowed', () => {
  const hosts = hostRule('127.0.0.1', ['Dev.Test']);
  expect(['localhost:4000', '127.0.0.1', '[::1]:4000', 'dev.test:4000'].every((host) => hosts(host))).toBe(true);
  expect(['192.168.1.5:4000', 'evil.example', `${hostname()}x`].some((host) => hosts(host))).toBe(false);
});

test('a server on all addresses answers to IP addresses and to the name of the machine, but to no other name', () => {
  const hosts = hostRule('0.0.0.0');
  expect(['localhost', '192.168.1.5:4000', '[fe80::1]:4000', `${hostname()}:4000`].every((host) => hosts(host))).toBe(
    true,
  );
  expect(['evil.example:4000', '192.168.1.5.evil.example', ''].some((host) => hosts(host))).toBe(false);
});
