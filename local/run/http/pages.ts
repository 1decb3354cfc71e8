import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from '../../emulator/http';

const TYPES = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.html', 'text/html; charset=utf-8'],
  ['.ico', 'image/x-icon'],
  ['.jpg', 'image/jpeg'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json'],
  ['.map', 'application/json'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.png', 'image/png'],
  ['.svg', 'image/svg+xml'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.wasm', 'application/wasm'],
  ['.webp', 'image/webp'],
  ['.woff2', 'font/woff2'],
]);

/**
 * Serves a built single-page app: its files, and `index.html` for every other path without an extension.
 *
 * @param config returns the content of `/streamer.json` for the page
 */
export function pages(dir: string, config: () => unknown): RequestHandler {
  const root = path.resolve(dir);
  return async (req, res) => {
    const name = pathOf(req);
    if (req.method !== 'GET' && req.method !== 'HEAD') return refuse(res, 405);
    if (name === '/streamer.json') return answerJson(res, config());
    const file = name === undefined ? undefined : await find(root, name);
    return file === undefined ? refuse(res, 404) : send(file, req, res);
  };
}

function pathOf(req: IncomingMessage): string | undefined {
  try {
    return decodeURIComponent((req.url ?? '/').split('?', 1)[0] ?? '/');
  } catch {
    return undefined;
  }
}

async function find(root: string, name: string): Promise<string | undefined> {
  const file = path.join(root, path.posix.normalize(`/${name}`));
  if (name.includes('\0') || !`${file}${path.sep}`.startsWith(`${root}${path.sep}`)) return undefined;
  if (await isFile(file)) return file;
  const index = path.join(root, 'index.html');
  return path.extname(name) === '' && (await isFile(index)) ? index : undefined;
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}

async function send(file: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const type = TYPES.get(path.extname(file).toLowerCase()) ?? 'application/octet-stream';
  res.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
  if (req.method === 'HEAD') res.end();
  else await pipeline(createReadStream(file), res).catch(() => res.destroy());
}

/** Answers with JSON that pages of other origins cannot read. */
export function answerJson(res: ServerResponse, value: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(JSON.stringify(value));
}

/** Creates a handler that answers requests of other methods with 405. */
export function onlyMethods(methods: readonly string[], handle: RequestHandler): RequestHandler {
  return (req, res) => {
    if (methods.includes(req.method ?? '')) return handle(req, res);
    res.setHeader('allow', methods.join(', '));
    refuse(res, 405);
  };
}

function refuse(res: ServerResponse, status: number): void {
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  res.end(status === 405 ? 'method not allowed' : 'not found');
}
