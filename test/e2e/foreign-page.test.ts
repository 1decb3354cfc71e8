import { once } from 'node:events';
import { createServer, type IncomingMessage, Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, newPage, browserTest as test } from './chromium';
import { type E2eRun, startE2e } from './run';

/**
 * A page of another origin in a real browser, for all entry points of a run. Tests with hand-written headers cannot
 * replace it.
 */
jest.setTimeout(180_000);

interface Answer {
  readonly host: string;
  readonly url: string;
  readonly status: number;
}

let browser: Browser;
let e2e: E2eRun;
let foreign: Server;
/** Responses of the run to browsers. */
const answers: Answer[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  watchAnswers();
  e2e = await startE2e();
  // starts a function, so that a Runtime API listens
  await e2e.client().request('echo', { text: 'x' });
  foreign = createServer((_req, res) => res.setHeader('content-type', 'text/html').end('<h1>foreign</h1>'));
  foreign.listen(0, '127.0.0.1');
  await once(foreign, 'listening');
});

afterAll(async () => {
  await browser?.close();
  foreign?.close();
  await e2e?.close();
  jest.restoreAllMocks();
});

/** Records all responses. All servers of the run are in this process. */
function watchAnswers(): void {
  const { emit } = Server.prototype;
  jest.spyOn(Server.prototype, 'emit').mockImplementation(function (
    this: Server,
    name: string | symbol,
    ...args: unknown[]
  ) {
    const [req, res] = args as [IncomingMessage, ServerResponse];
    if (name === 'request' && this !== foreign && req.headers['user-agent']?.startsWith('Mozilla/')) {
      const { host = '' } = req.headers;
      const url = `${req.method} ${req.url}`;
      res.on('finish', () => answers.push({ host, url, status: res.statusCode }));
    }
    return emit.apply(this, [name, ...args] as never);
  } as never);
}

interface Target {
  readonly url: string;
  readonly socket: string;
}

/** Sends requests in all ways in which a page can. Returns those with a response that the page could read. */
async function attack(targets: readonly Target[]): Promise<string[]> {
  const read: string[] = [];
  // a request that was accepted may wait forever
  const late = <T>() => new Promise<T>((resolve) => setTimeout(resolve, 3_000));
  const settle = async (what: string, promise: Promise<Response>) => {
    const response = await Promise.race([promise.catch(() => undefined), late<undefined>()]);
    if (response && response.type !== 'opaque' && response.status !== 403) read.push(`${what}: ${response.status}`);
  };
  for (const { url, socket } of targets) {
    await settle(`GET ${url}`, fetch(url));
    await settle(`no-cors GET ${url}`, fetch(url, { mode: 'no-cors' }));
    await settle(`no-cors POST ${url}`, fetch(url, { method: 'POST', mode: 'no-cors', body: '{}' }));
    await settle(`POST ${url}`, fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' }));
    const json = { 'content-type': 'application/json', authorization: 'AWS4-HMAC-SHA256 x' };
    await settle(`JSON ${url}`, fetch(url, { method: 'POST', headers: json, body: '{}' }));
    const image = new Promise((resolve) => {
      const element = new Image();
      element.onload = element.onerror = resolve;
      element.src = `${url}?image`;
    });
    await Promise.race([image, late()]);
    const form = new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.name = `frame-${Math.random()}`;
      frame.onload = resolve;
      document.body.append(frame);
      const element = document.createElement('form');
      Object.assign(element, { method: 'POST', enctype: 'text/plain', action: `${url}?form`, target: frame.name });
      document.body.append(element);
      element.submit();
    });
    await Promise.race([form, late()]);
    await new Promise((resolve) => {
      const webSocket = new WebSocket(socket);
      webSocket.onopen = () => resolve(read.push(`WebSocket ${socket}`));
      webSocket.onerror = resolve;
    });
  }
  return read;
}

async function open(url: string): Promise<Page> {
  const page = await newPage(browser, { width: 800, height: 600 });
  await page.goto(url);
  return page;
}

/** Returns a path of each entry point. If `name` is given, it replaces the host name. */
function targets(name?: string): Target[] {
  return e2e.local
    .doors()
    .filter(({ origin }) => origin.startsWith('http:'))
    .map(({ origin, path, name: door }) => {
      const { port } = new URL(origin);
      const host = `${name ?? '127.0.0.1'}:${port}`;
      const below = door.startsWith('runtime API') ? '/2018-06-01/runtime/invocation/next' : path || '/';
      return { url: `http://${host}${below}`, socket: `ws://${host}${below}` };
    });
}

/** Whether a request was accepted. The WebSocket API answers 404 to any request that is not a handshake. */
const wasLetIn = ({ status, url }: Answer) => status !== 403 && !(status === 404 && / \/v1(\?|$)/.test(url));

const foreignPage = () => open(`http://evil.localhost:${(foreign.address() as AddressInfo).port}/`);

test('a foreign page reads nothing and changes nothing with any request', async () => {
  const { calls } = e2e.local.dynamodb;
  const page = await foreignPage();
  const [callsBefore, linesBefore] = [calls(), e2e.log.filter(({ source }) => source === 'Router').length];
  answers.length = 0;

  expect(await page.evaluate(attack, targets())).toEqual([]);

  expect(answers.length).toBeGreaterThan(5 * targets().length);
  expect(answers.filter(wasLetIn)).toEqual([]);
  expect(calls()).toEqual(callsBefore);
  expect(e2e.log.filter(({ source }) => source === 'Router')).toHaveLength(linesBefore);
  await page.close();
});

test('a page whose domain resolves to this machine is refused because of the Host header', async () => {
  const page = await foreignPage();
  answers.length = 0;

  expect(await page.evaluate(attack, targets('evil.localhost'))).toEqual([]);

  expect(answers.length).toBeGreaterThan(5 * targets().length);
  expect(answers.filter(wasLetIn)).toEqual([]);
  await page.close();
});

test("the console's own page and a page of a loopback origin get the answers that they may read", async () => {
  const own = await open(String(e2e.local.console));
  expect(await own.evaluate(async () => (await fetch('/_console/api/tables')).status)).toBe(200);
  await own.close();

  const loopback = await open(`http://localhost:${(foreign.address() as AddressInfo).port}/`);
  const token = `${e2e.local.endpoint}/_aws/token`;
  expect(await loopback.evaluate(async (url) => (await fetch(url, { method: 'POST', body: '{}' })).status, token)).toBe(
    200,
  );
  expect(
    await loopback.evaluate(
      attack,
      targets().filter(({ url }) => !url.endsWith('/_aws/token')),
    ),
  ).toEqual([]);
  await loopback.close();
});
