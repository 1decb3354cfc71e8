import type { IncomingMessage, ServerResponse } from 'node:http';
import { accessRefusal, type JsonObject, loopbackOnly, parseJsonObject, readBody } from '../http';

const MAX_BODY_BYTES = 4096;
const MAX_SECONDS = 86_400;

export interface TokenRequest {
  readonly sub: string;
  readonly tenant?: string;
  readonly expiresInSeconds: number;
}

export interface IssuedToken {
  readonly token: string;
  /** Expiry in milliseconds since the epoch. */
  readonly expiresAt: number;
}

class Refusal extends Error {
  public constructor(
    public readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Answers `POST {sub?, tenant?, expiresInSeconds?}` with a token. Only programs and pages on this machine may request a
 * token, so the Host must be a loopback name. Another name that resolves to this machine may be an attack by DNS
 * rebinding. The Origin of a page must be a loopback name, too.
 */
export async function answerTokenRequest(
  req: IncomingMessage,
  res: ServerResponse,
  issue: (request: TokenRequest) => IssuedToken | Promise<IssuedToken>,
): Promise<void> {
  res.setHeader('cache-control', 'no-store');
  try {
    allowLoopbackOnly(req, res);
    if (req.method === 'OPTIONS') return void res.writeHead(204).end();
    if (req.method !== 'POST') throw new Refusal(405, 'Use POST.');
    respond(res, 200, await issue(parse(await readText(req))));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    respond(res, error.status, { message: error.message });
  }
}

function allowLoopbackOnly(req: IncomingMessage, res: ServerResponse): void {
  const { host, origin } = req.headers;
  if (!loopbackOnly(host)) throw new Refusal(403, 'Tokens are issued on localhost and 127.0.0.1 only.');
  if (accessRefusal(req, 'loopback-pages') !== undefined) {
    throw new Refusal(403, 'Tokens are issued to pages of http://localhost and http://127.0.0.1 only.');
  }
  res.setHeader('vary', 'origin');
  if (origin === undefined) return;
  res.setHeader('access-control-allow-origin', origin);
  res.setHeader('access-control-allow-methods', 'POST');
  res.setHeader('access-control-allow-headers', 'content-type');
  res.setHeader('access-control-max-age', '600');
}

async function readText(req: IncomingMessage): Promise<string> {
  const body = await readBody(req, MAX_BODY_BYTES);
  if (!body) throw new Refusal(413, `A token request has at most ${MAX_BODY_BYTES} bytes.`);
  return body.toString('utf8');
}

function parse(body: string): TokenRequest {
  const fields = parseObject(body);
  const { sub = 'local-user', tenant, expiresInSeconds = 3600 } = fields;
  if (typeof sub !== 'string' || sub === '') throw new Refusal(400, '`sub` must be a non-empty string.');
  if (tenant !== undefined && (typeof tenant !== 'string' || tenant === '')) {
    throw new Refusal(400, '`tenant` must be a non-empty string.');
  }
  if (!Number.isInteger(expiresInSeconds) || Number(expiresInSeconds) < 1 || Number(expiresInSeconds) > MAX_SECONDS) {
    throw new Refusal(400, `\`expiresInSeconds\` must be a whole number from 1 to ${MAX_SECONDS}.`);
  }
  return { sub, tenant, expiresInSeconds: Number(expiresInSeconds) };
}

function parseObject(body: string): JsonObject {
  const value = parseJsonObject(body || '{}');
  if (!value) throw new Refusal(400, 'The body must be a JSON object.');
  return value;
}

function respond(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
