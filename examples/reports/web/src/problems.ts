import type { Problem } from './entry';

/** Error codes that only mean that this page has stopped waiting. The request itself may still run. */
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
  ['CONNECT_FAILED', 'If the problem persists, check that the API runs and that its address is correct.'],
  ['CONNECTION_CLOSED', 'Try again: the page continues the same request.'],
  ['DUPLICATE_REQUEST', 'Send the request again; it gets a new id.'],
  ['FORBIDDEN', 'This user or this page’s origin is not allowed to do that.'],
  ['HANDLER_ERROR', 'Send the request again. If it fails every time, the log of the function contains the reason.'],
  ['HANDLER_TIMEOUT', 'Choose fewer days or less detail.'],
  ['INVALID_INPUT', 'Correct the fields that are named here, then send the request again.'],
  [
    'NOT_FOUND',
    'The server no longer has this request, for example because it started with empty tables. Send it again.',
  ],
  ['NO_FLIGHTS', 'Choose a longer range of dates.'],
  ['NOT_APPROVED', 'Create the report again, and answer its question in time.'],
  ['OUTCOME_UNKNOWN', 'Try again: if the request arrived, it is not started twice.'],
  ['RATE_LIMITED', 'Wait a moment, then try again.'],
  ['REJECTED', 'Change the question, then create the report again.'],
  ['TOKEN_EXPIRED', 'Try again: the page fetches a new token.'],
  [
    'UNAUTHORIZED',
    'Try again: the page fetches a new token. If the problem persists, issuer and audience do not match.',
  ],
  ['UNAVAILABLE', 'Wait a moment, then try again.'],
]);

/** Messages for users. The client's own messages about connections mention tokens and handshakes. */
const WORDS = new Map([
  ['CONNECT_FAILED', 'The server cannot be reached at the moment. This page keeps trying; requested reports continue.'],
  ['CONNECTION_CLOSED', 'The connection to the server ended.'],
  ['OUTCOME_UNKNOWN', 'The server did not confirm whether it accepted the request.'],
  ['TOKEN_EXPIRED', 'Your session has ended.'],
  ['UNAUTHORIZED', 'The server did not accept your session.'],
]);

/** Returns the message that the page shows for a problem. */
export function textOf({ code, message }: Problem): string {
  return WORDS.get(code) ?? message;
}

export function isLocal({ code }: Problem): boolean {
  return LOCAL.has(code);
}

/** Returns advice for the user. */
export function adviceFor({ code }: Problem): string {
  return ADVICE.get(code) ?? 'Send the request again. If it fails every time, check the logs of the API.';
}

/** Converts a thrown value to a problem, which can be stored and shown. */
export function problemOf(thrown: unknown): Problem {
  const { code, message, details } = (thrown ?? {}) as Partial<Problem>;
  return {
    code: typeof code === 'string' ? code : 'UNKNOWN',
    message: typeof message === 'string' ? message : String(thrown),
    ...(details === undefined ? {} : { details }),
  };
}

/** Returns the issues of `INVALID_INPUT`, one line per issue. */
export function issuesOf({ details }: Problem): string[] {
  const { issues } = (details ?? {}) as { issues?: unknown };
  if (!Array.isArray(issues)) return [];
  return issues.map((issue: { path?: unknown; message?: unknown }) => `${pathText(issue.path)}${issue.message}`);
}

function pathText(path: unknown): string {
  const text = Array.isArray(path) ? path.join('.') : String(path ?? '');
  return text === '' ? '' : `${text}: `;
}
