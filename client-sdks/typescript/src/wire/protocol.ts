import {
  attemptEvent,
  bearerPrefix,
  closeCodes,
  errors,
  limits,
  patterns,
  statuses,
  subprotocol,
  terminalStatuses,
  timing,
} from '../../../../protocol/constants.json';
import type { RequestStatus, WireError } from './messages';

/** Constants of `streamer.v1`, from `protocol/constants.json`; the bundler inlines the values. */
export const SUBPROTOCOL: string = subprotocol;
export const BEARER_PREFIX: string = bearerPrefix;
export const ATTEMPT_EVENT: string = attemptEvent;

/** UTF-16 code units that the name of a tenant or a user may have. */
export const OWNER_CHARS: number = limits.ownerChars;

export const CLOSE = {
  normal: closeCodes.NORMAL as number,
  unsupportedData: closeCodes.UNSUPPORTED_DATA as number,
  abnormal: closeCodes.ABNORMAL as number,
  tooLarge: closeCodes.MESSAGE_TOO_LARGE as number,
  pongTimeout: closeCodes.PONG_TIMEOUT as number,
};

export const LIMITS = {
  frameBytes: limits.clientFrameBytes as number,
  depth: limits.clientDepth as number,
  tokenChars: limits.tokenChars as number,
  progressMessageChars: limits.progressMessageChars as number,
  sends: limits.sends as number,
  renewals: limits.renewals as number,
};

/** Error of a message that was never answered. */
export const UNANSWERED: WireError = {
  code: 'OUTCOME_UNKNOWN',
  message: `The server did not answer this message, sent ${LIMITS.sends} times, although the connection works. Whether it took effect is unknown.`,
  retryable: true,
};
/** Whether an error is neither a result nor a refusal: sending the same message again reveals the outcome. */
export const isUnknown = ({ code }: WireError): boolean => code === UNANSWERED.code;
/** Whether the same message may be accepted if it is sent again. */
export const isPassing = (error: WireError): boolean => error.retryable || isUnknown(error);

const pattern = (source: string): RegExp => new RegExp(source);
export const PATTERNS = {
  id: pattern(patterns.requestId),
  name: pattern(patterns.name),
  topic: pattern(patterns.topic),
  epoch: pattern(patterns.epoch),
  ref: pattern(patterns.ref),
  token: pattern(patterns.token),
  errorCode: pattern(patterns.errorCode),
};

const STATUSES: ReadonlySet<unknown> = new Set(statuses);
const TERMINAL: ReadonlySet<unknown> = new Set(terminalStatuses);
export const isStatus = (value: unknown): value is RequestStatus => STATUSES.has(value);
export const isTerminal = (status: RequestStatus): boolean => TERMINAL.has(status);

const RETRYABLE: ReadonlySet<string> = new Set(
  Object.entries(errors).flatMap(([code, { retryable }]) => (retryable ? [code] : [])),
);
/** Value of the protocol's table for a code. */
export const isRetryable = (code: string): boolean => RETRYABLE.has(code);

/** Times of a client, all in milliseconds. Every default but `connectTimeoutMs` is a number of the protocol. */
export interface Timing {
  /** Time after which an unanswered message is sent again; doubled for each repetition, up to `watchMs`. Default 8,000. */
  readonly ackTimeoutMs: number;
  /** Time without a frame of a request after which the client attaches to it again. Default 30,000. */
  readonly watchMs: number;
  /** Time without sending after which the client pings the connection. Default 240,000. */
  readonly pingMs: number;
  /** Time without a frame after a ping after which the client replaces the connection. Default 10,000. */
  readonly pongTimeoutMs: number;
  /** Upper bound of the delay before the first reconnect; doubled for each further one. Default 500. */
  readonly reconnectBaseMs: number;
  /** Upper bound of any delay before a reconnect. Default 20,000. */
  readonly reconnectMaxMs: number;
  /** Time for token and handshake together. Default 30,000: the integration timeout of API Gateway and one second more. */
  readonly connectTimeoutMs: number;
}

export const DEFAULT_TIMING: Timing = {
  ackTimeoutMs: timing.ackTimeoutSeconds * 1000,
  watchMs: timing.watchSeconds * 1000,
  pingMs: timing.pingSeconds * 1000,
  pongTimeoutMs: timing.pongTimeoutSeconds * 1000,
  reconnectBaseMs: timing.reconnectBaseMs,
  reconnectMaxMs: timing.reconnectMaxMs,
  connectTimeoutMs: (timing.integrationTimeoutSeconds + 1) * 1000,
};
