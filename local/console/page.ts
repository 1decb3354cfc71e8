import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const FILES = new Map([
  ['/', { file: 'index.html', type: 'text/html; charset=utf-8' }],
  ['/app.js', { file: 'app.js', type: 'text/javascript; charset=utf-8' }],
  ['/app.css', { file: 'app.css', type: 'text/css; charset=utf-8' }],
]);

/** Folders that may contain the bundled page, relative to the running bundle or to the sources. */
const PLACES = ['console', '../local/console', '../../lib/local/console'];

export function findPage(): string | undefined {
  return PLACES.map((place) => join(__dirname, place)).find((dir) => existsSync(join(dir, 'app.js')));
}

/** Serves the page's files from memory. The page may send requests only to its own origin. */
export class Page {
  private readonly contents = new Map<string, Buffer>();

  public constructor(private readonly dir: string | undefined) {}

  /**
   * Serves a file of the page.
   *
   * @returns whether the page has a file at this path
   */
  public serve(path: string, req: IncomingMessage, res: ServerResponse): boolean {
    const known = FILES.get(path);
    if (!known) return false;
    if (this.dir === undefined) {
      res.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
      res.end('The page is not built: run `node scripts/build-runtime.mjs`.\n');
      return true;
    }
    const body = this.read(join(this.dir, known.file));
    res.writeHead(200, {
      'content-type': known.type,
      'content-encoding': 'gzip',
      'content-length': body.length,
      'cache-control': 'no-cache',
      ...securityHeaders(req),
    });
    res.end(req.method === 'HEAD' ? undefined : body);
    return true;
  }

  /** Reads and compresses a file. Every browser that can run the page supports the compression. */
  private read(file: string): Buffer {
    const content = this.contents.get(file) ?? gzipSync(readFileSync(file));
    this.contents.set(file, content);
    return content;
  }
}

/**
 * Returns the security headers. The host is safe to use, because it was checked to be a loopback name. The policy names
 * WebSocket addresses, because for some browsers `'self'` does not include them.
 */
function securityHeaders({ headers: { host } }: IncomingMessage): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}
