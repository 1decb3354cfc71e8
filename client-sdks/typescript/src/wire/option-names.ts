import type { WireError } from './messages';

/**
 * Replaces the protocol's names of fields by the names of the options. The names differ only for the time before which a request does not start. The
 * server refuses this field, for example, if the action is sync.
 */
export function inOptionNames(error: WireError): WireError {
  const { code, message, details } = error;
  if (code !== 'INVALID_MESSAGE' || !message.includes('`notBefore`')) return error;
  const text = JSON.stringify(details)?.replace(/notBefore/g, 'processAfter');
  return {
    ...error,
    message: message.replace(/notBefore/g, 'processAfter'),
    ...(text && { details: JSON.parse(text) }),
  };
}
