import type { Problem } from './entry';

/** Codes that only say that this page stopped waiting: the request itself may still run. */
const LOCAL = new Set([
  'ABORTED',
  'CLIENT_CLOSED',
  'CONNECT_FAILED',
  'CONNECTION_CLOSED',
  'FORBIDDEN',
  'OUTCOME_UNKNOWN',
  'RATE_LIMITED',
  'TOKEN_EXPIRED',
  'UNAUTHORIZED',
  'UNAVAILABLE',
]);

const ADVICE = new Map([
  ['CONNECT_FAILED', 'If it stays so, check that the API runs and that its address is right.'],
  ['CONNECTION_CLOSED', 'Try again: the request keeps its place.'],
  ['DUPLICATE_REQUEST', 'Ask again; the new request gets an id of its own.'],
  ['FORBIDDEN', 'This user or this page’s origin may not do that.'],
  ['HANDLER_ERROR', 'Ask again. If it happens every time, the log of the function says why.'],
  ['HANDLER_TIMEOUT', 'Ask for fewer days or less detail.'],
  ['INVALID_INPUT', 'Correct what is named here, then ask again.'],
  ['NOT_FOUND', 'The server no longer has this request, for example because it began with empty tables. Ask again.'],
  ['NO_FLIGHTS', 'Choose a longer range of dates.'],
  ['OUTCOME_UNKNOWN', 'Try again: a request that arrived after all keeps its place.'],
  ['RATE_LIMITED', 'Wait a moment, then try again.'],
  ['TOKEN_EXPIRED', 'Try again: the page fetches a new token.'],
  ['UNAUTHORIZED', 'Try again: the page fetches a new token. If it stays, issuer and audience do not match.'],
  ['UNAVAILABLE', 'Wait a moment, then try again.'],
]);

/** What happened, for people: errors of the connection speak of tokens and handshakes. */
const WORDS = new Map([
  [
    'CONNECT_FAILED',
    'The server cannot be reached at the moment. This page keeps trying; reports that were asked for go on.',
  ],
  ['CONNECTION_CLOSED', 'The connection to the server ended.'],
  ['OUTCOME_UNKNOWN', 'The server did not say whether it took the request.'],
  ['TOKEN_EXPIRED', 'Your session has ended.'],
  ['UNAUTHORIZED', 'The server did not accept your session.'],
]);

/** What a problem is called on the page. */
export function textOf({ code, message }: Problem): string {
  return WORDS.get(code) ?? message;
}

export function isLocal({ code }: Problem): boolean {
  return LOCAL.has(code);
}

/** What a person can do about it. */
export function adviceFor({ code }: Problem): string {
  return ADVICE.get(code) ?? 'Ask again. If it happens every time, look into the logs of the API.';
}

/** What was thrown, as it can be kept and shown. */
export function problemOf(thrown: unknown): Problem {
  const { code, message, details } = (thrown ?? {}) as Partial<Problem>;
  return {
    code: typeof code === 'string' ? code : 'UNKNOWN',
    message: typeof message === 'string' ? message : String(thrown),
    ...(details === undefined ? {} : { details }),
  };
}

/** The issues of `INVALID_INPUT`, one line each. */
export function issuesOf({ details }: Problem): string[] {
  const { issues } = (details ?? {}) as { issues?: unknown };
  if (!Array.isArray(issues)) return [];
  return issues.map((issue: { path?: unknown; message?: unknown }) => `${pathText(issue.path)}${issue.message}`);
}

function pathText(path: unknown): string {
  const text = Array.isArray(path) ? path.join('.') : String(path ?? '');
  return text === '' ? '' : `${text}: `;
}
