import constants from '../../protocol/constants.json';

/** The protocol's numbers, names and codes. All implementations read the same file. */
export const CONSTANTS = constants;

/** A code that the protocol defines. Handlers may add codes of the same form. */
export type ErrorCode = keyof typeof constants.errors;

/** A code that the protocol defines, or a handler's own code: `/^[A-Z][A-Z0-9_]{0,63}$/`. */
export type AnyErrorCode = ErrorCode | (string & {});
