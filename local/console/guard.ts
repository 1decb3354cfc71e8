import type { IncomingMessage } from 'node:http';
import { accessRefusal, loopbackOnly } from '../emulator/http';

/**
 * Reason why a request is refused, or undefined. The console shows and sends the developer's private data, so it answers to loopback names only, even if the
 * run listens on other addresses. A link may open it in a tab.
 */
export function refusalOf(req: IncomingMessage): string | undefined {
  if (!loopbackOnly(req.headers.host)) return 'the console answers on localhost and 127.0.0.1 only';
  const refusal = accessRefusal(req, 'own-pages');
  return refusal && 'the console serves its own page only';
}

/** A body in JSON cannot be sent by a form of another page. */
export function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\b/.test(headers['content-type'] ?? '');
}
