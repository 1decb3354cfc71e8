/** Code and reason of a closed connection, as `$disconnect` reports them. */
export interface CloseReason {
  readonly code: number;
  readonly reason: string;
}

export const NORMAL_CLOSURE: CloseReason = { code: 1000, reason: 'Connection Closed Normally' };
export const GOING_AWAY: CloseReason = { code: 1001, reason: 'Going away' };
export const UNSUPPORTED_DATA: CloseReason = { code: 1003, reason: 'Unsupported Data' };

/**
 * Reasons that API Gateway reports if the client sent no reason. The reasons for 1000, 1001 and 1005 are from published
 * events; the others follow RFC 6455.
 */
const REASONS = new Map<number, string>([
  [NORMAL_CLOSURE.code, NORMAL_CLOSURE.reason],
  [GOING_AWAY.code, GOING_AWAY.reason],
  [1002, 'Protocol error'],
  [UNSUPPORTED_DATA.code, UNSUPPORTED_DATA.reason],
  [1005, 'Client-side close frame status not set'],
  [1006, 'Connection closed abnormally'],
  [1007, 'Invalid frame payload data'],
  [1009, 'Message too big'],
]);

export function closeReason(code: number, reason: string): CloseReason {
  return { code, reason: reason || (REASONS.get(code) ?? '') };
}

/** Close codes for errors of `ws`, by the error's code. All other errors are protocol errors. */
const ERROR_CODES = new Map<string, number>([
  ['WS_ERR_UNSUPPORTED_FRAME_LENGTH', 1009],
  ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009],
  ['WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 1009],
  ['WS_ERR_INVALID_UTF8', 1007],
]);

/** Returns the close code of a connection that failed with an error of `ws` or of its socket. */
export function errorReason({ code = '' }: { code?: string }): CloseReason {
  return closeReason(ERROR_CODES.get(code) ?? (code.startsWith('WS_ERR_') ? 1002 : 1006), '');
}
