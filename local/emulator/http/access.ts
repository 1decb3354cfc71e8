import type { IncomingMessage } from 'node:http';
import { type HostRule, isLoopbackOrigin, loopbackOnly } from './hosts';

/**
 * Web pages that may send requests to a path of the run. Programs may always send requests. The `Host` header is always
 * checked.
 *
 * - `programs`: no web page. For AWS's services and the Runtime API.
 * - `own-pages`: pages of the same origin, and links that open a tab. For the console and the application's page.
 * - `loopback-pages`: also pages of other servers on this machine, such as a bundler's. For the token endpoint.
 * - `any-page`: pages of any origin, because the service itself checks a signature (S3) or a token (WebSocket).
 */
export type Access = 'programs' | 'own-pages' | 'loopback-pages' | 'any-page';

/** Returns the reason why a request is refused, as a sentence, or undefined if it is accepted. */
export function accessRefusal(
  req: Pick<IncomingMessage, 'headers' | 'method'>,
  access: Access,
  hosts: HostRule = loopbackOnly,
): string | undefined {
  if (!hosts(req.headers.host)) return 'this server accepts requests to its own address only';
  return RULES[access](req) ? undefined : REFUSALS[access];
}

type Request = Pick<IncomingMessage, 'headers' | 'method'>;

const RULES: Readonly<Record<Access, (req: Request) => boolean>> = {
  programs: (req) => !isBrowser(req),
  'own-pages': (req) => isOwnOrigin(req) && (isOwnSite(req) || isNavigation(req)),
  'loopback-pages': (req) => {
    const { origin } = req.headers;
    return origin === undefined ? isOwnSite(req) : isLoopbackOrigin(origin);
  },
  'any-page': () => true,
};

const REFUSALS: Readonly<Record<Access, string>> = {
  programs: 'no web page may use this server',
  'own-pages': 'this server serves pages of its own origin only',
  'loopback-pages': 'this server serves pages of http://localhost and http://127.0.0.1 only',
  'any-page': '',
};

/**
 * Whether a browser sent the request. A page cannot set `Sec-Fetch-Site`. Browsers from before 2023 do not send this
 * header, but their `Origin` or `User-Agent` identifies them.
 */
function isBrowser({ headers }: Request): boolean {
  const { origin, 'user-agent': agent = '' } = headers;
  return origin !== undefined || headers['sec-fetch-site'] !== undefined || agent.startsWith('Mozilla/');
}

function isOwnOrigin({ headers: { origin, host } }: Request): boolean {
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}

/**
 * Whether a page of the same origin sent the request. The value `none` means that the user typed the address or opened
 * it from outside the browser.
 */
function isOwnSite({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** Whether the request is a link or a redirect that opens a tab. The page with the link cannot read the response. */
function isNavigation({ method, headers }: Request): boolean {
  return method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}
