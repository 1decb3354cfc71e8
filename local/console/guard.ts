import type { IncomingMessage } from 'node:http';
import { accessRefusal, loopbackOnly } from '../emulator/http';

/** Error of a call that the console refuses, with the status of its response. */
export class Refusal extends Error {
  public constructor(
    public readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Returns the reason why the console refuses a request, or undefined. The console shows and sends the developer's
 * private data. It therefore accepts only loopback names as the host, even if the run listens on other addresses. Other
 * pages must not send requests to the console, but may link to it.
 */
export function refusalOf(req: IncomingMessage): string | undefined {
  if (!loopbackOnly(req.headers.host)) return 'the console answers on localhost and 127.0.0.1 only';
  const refusal = accessRefusal(req, 'own-pages');
  return refusal && 'the console serves its own page only';
}

/** Whether the body of a request is JSON. A form on a page of another origin cannot send JSON. */
export function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\b/.test(headers['content-type'] ?? '');
}
