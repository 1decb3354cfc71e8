import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { pages } from '../../../../local/run/http/pages';

let dir: string;
let server: Server;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'pages-test-'));
  mkdirSync(path.join(dir, 'site/assets'), { recursive: true });
  writeFileSync(path.join(dir, 'secret.txt'), 'secret');
  writeFileSync(path.join(dir, 'site/index.html'), '<h1>page</h1>');
  writeFileSync(path.join(dir, 'site/assets/app.js'), 'run()');
  const handler = pages(path.join(dir, 'site'), () => ({ url: 'ws://x' }));
  server = createServer((req, res) => void handler(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.close();
  rmSync(dir, { recursive: true });
});

/** Sends the path unchanged. `fetch` would normalize it. */
function get(url: string, method = 'GET'): Promise<{ status?: number; type?: string; body: string }> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path: url, method, agent: false }, (res) => {
      let body = '';
      res.on('data', (chunk) => {
        body += String(chunk);
      });
      res.on('end', () => resolve({ status: res.statusCode, type: res.headers['content-type'], body }));
    });
    req.on('error', reject);
    req.end();
  });
}

test.each([
  ['/', 'text/html; charset=utf-8', '<h1>page</h1>'],
  ['/reports/7', 'text/html; charset=utf-8', '<h1>page</h1>'],
  ['/assets/app.js?v=1', 'text/javascript; charset=utf-8', 'run()'],
  ['/streamer.json', 'application/json', '{"url":"ws://x"}'],
])('%s is served', async (url, type, body) => {
  expect(await get(url)).toEqual({ status: 200, type, body });
});

test.each([
  '/missing.js',
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/assets/%00.js',
  '/%zz',
])('%s is not served', async (url) => {
  const answer = await get(url);
  expect(answer.status).toBe(404);
  expect(answer.body).not.toContain('secret');
});

test('only reading is allowed', async () => {
  expect((await get('/', 'POST')).status).toBe(405);
  expect(await get('/', 'HEAD')).toMatchObject({ status: 200, body: '' });
});
