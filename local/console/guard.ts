import type { IncomingMessage } from 'node:http';

/**
 * Why a request is refused, if it is: the console shows and sends what is the developer's alone, so it serves pages of
 * its own origin on this machine, and no others. Opening the console itself by a link is allowed.
 */
export function refusalOf({ headers, method }: IncomingMessage): string | undefined {
  const { host = '', origin } = headers;
  if (!isLoopback(host)) return 'the console answers on localhost and 127.0.0.1 only';
  if (origin !== undefined && origin !== `http://${host}`) return 'the console serves its own page only';
  const site = headers['sec-fetch-site'];
  const sameOrigin = site === undefined || site === 'same-origin' || site === 'none';
  const opening =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return sameOrigin || opening ? undefined : 'the console serves its own page only';
}

/** A body in JSON cannot be sent by a form of another page. */
export function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\b/.test(headers['content-type'] ?? '');
}

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}
