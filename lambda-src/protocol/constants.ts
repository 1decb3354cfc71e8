import constants from '../../protocol/constants.json';

/** The protocol's numbers, names and codes, as every implementation reads them. */
export const CONSTANTS = constants;

/** A code of the protocol's own table. Handlers may add their own of the same form. */
export type ErrorCode = keyof typeof constants.errors;

/** A code of the table, or a handler's own: `/^[A-Z][A-Z0-9_]{0,63}$/`. */
export type AnyErrorCode = ErrorCode | (string & {});
