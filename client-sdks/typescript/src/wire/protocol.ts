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

/** Constants of `streamer.v1`, from `protocol/constants.json`. The bundler inserts their values. */
export const SUBPROTOCOL: string = subprotocol;
export const BEARER_PREFIX: string = bearerPrefix;
export const ATTEMPT_EVENT: string = attemptEvent;

/** Maximum UTF-16 code units of the name of a tenant or a user. */
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
  reasonChars: limits.reasonChars as number,
  debounceKeyChars: limits.debounceKeyChars as number,
  aheadMs: timing.notBeforeDays * 86_400_000,
  debounceMs: timing.debounceHours * 3_600_000,
  deadlineMs: timing.deadlineDays * 86_400_000,
  progressMessageChars: limits.progressMessageChars as number,
  sends: limits.sends as number,
  renewals: limits.renewals as number,
  listMax: limits.listMax as number,
};

/** Error of a message that the server never answered. */
export const UNANSWERED: WireError = {
  code: 'OUTCOME_UNKNOWN',
  message: `The server did not answer this message, sent ${LIMITS.sends} times, although the connection works. Whether it took effect is unknown.`,
  retryable: true,
};
/** Whether the terminal error of a request means that the request was cancelled. */
export const isCancellation = ({ code }: WireError): boolean => code === 'CANCELLED' || code === 'SUPERSEDED';
/** Whether an error leaves the outcome unknown. If the same message is sent again, the answer shows the outcome. */
export const isUnknown = ({ code }: WireError): boolean => code === UNANSWERED.code;
/** Whether the server may accept the same message if it is sent again. */
export const isPassing = (error: WireError): boolean => error.retryable || isUnknown(error);

const pattern = (source: string): RegExp => new RegExp(source);
export const PATTERNS = {
  id: pattern(patterns.requestId),
  name: pattern(patterns.name),
  topic: pattern(patterns.topic),
  epoch: pattern(patterns.epoch),
  ref: pattern(patterns.ref),
  cursor: pattern(patterns.cursor),
  url: pattern(patterns.url),
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
/** Whether the protocol defines an error code as retryable. */
export const isRetryable = (code: string): boolean => RETRYABLE.has(code);

/** Times of a client in milliseconds. All defaults except that of `connectTimeoutMs` are numbers of the protocol. */
export interface Timing {
  /** Time after which an unanswered message is sent again. The time doubles with each retry, up to `watchMs`. Default 8,000. */
  readonly ackTimeoutMs: number;
  /** Time without a frame of a request, after which the client attaches to the request again. Default 30,000. */
  readonly watchMs: number;
  /** Time without a message from the client, after which it sends a ping. Default 240,000. */
  readonly pingMs: number;
  /** Time to wait for a frame after a ping. If no frame arrives, the client replaces the connection. Default 10,000. */
  readonly pongTimeoutMs: number;
  /** Replaces `pongTimeoutMs` after an event of this device, such as the end of its sleep. Default 5,000. */
  readonly wakeTimeoutMs: number;
  /** Maximum delay before the first reconnect. The maximum doubles with each further reconnect. Default 500. */
  readonly reconnectBaseMs: number;
  /**
   * Window for the first reconnect if the connection ended for a reason that other clients may share, for example because the server closed it. The
   * server must be able to accept all clients within this time. Default 25,000: 10,000 clients stay below 500 new connections per second. For a `ws:`
   * URL, the default is that of `reconnectBaseMs`.
   */
  readonly reconnectSpreadMs: number;
  /** Maximum delay before any reconnect. Default 60,000. */
  readonly reconnectMaxMs: number;
  /** Minimum age at which the client replaces a connection by a new one. Default 6,000,000: 20 minutes before API Gateway closes it. */
  readonly moveAfterMs: number;
  /** Length of the window in which the replacement begins, at a random time. Default 900,000. */
  readonly moveSpreadMs: number;
  /** Maximum time for the token and the handshake together. Default 30,000: one second more than the integration timeout of API Gateway. */
  readonly connectTimeoutMs: number;
}

export const DEFAULT_TIMING: Timing = {
  ackTimeoutMs: timing.ackTimeoutSeconds * 1000,
  watchMs: timing.watchSeconds * 1000,
  pingMs: timing.pingSeconds * 1000,
  pongTimeoutMs: timing.pongTimeoutSeconds * 1000,
  wakeTimeoutMs: timing.wakeTimeoutSeconds * 1000,
  reconnectBaseMs: timing.reconnectBaseMs,
  reconnectSpreadMs: timing.reconnectSpreadMs,
  reconnectMaxMs: timing.reconnectMaxMs,
  moveAfterMs: timing.moveAfterMinutes * 60_000,
  moveSpreadMs: timing.moveSpreadMinutes * 60_000,
  connectTimeoutMs: (timing.integrationTimeoutSeconds + 1) * 1000,
};

/**
 * API Gateway limits the rate of new connections, and its URLs begin with `wss:`. A server with a `ws:` URL, such as the local run, has no such
 * limit.
 */
export const defaultTiming = (url: string): Timing =>
  /^wss/i.test(url) ? DEFAULT_TIMING : { ...DEFAULT_TIMING, reconnectSpreadMs: DEFAULT_TIMING.reconnectBaseMs };
