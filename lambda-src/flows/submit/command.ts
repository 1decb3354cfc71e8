import { NAME_FORM, type Owner, ownerOf } from '../../core';
import {
  type AttachMessage,
  type ClientMessage,
  type RequestMessage,
  StreamerError,
  validateMessage,
} from '../../protocol';

/** What the submitter is invoked with. The owner is whoever the caller says: may it invoke the function, it may act for anybody. */
export type SubmitterCommand =
  | { readonly type: 'submit'; readonly owner: Owner; readonly message: RequestMessage }
  | { readonly type: 'status'; readonly owner: Owner; readonly id: string };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads an invocation's event. A request is held to what it would be held to on a connection: its size, its names, its JSON.
 *
 * @param invocationId id of a request that names none: an invocation that Lambda repeats stays one request
 * @throws StreamerError that says what is wrong
 */
export function readCommand(event: unknown, invocationId: string): SubmitterCommand {
  if (!isFields(event)) throw invalid('The event must be a JSON object with `type`, `user` and more.');
  const { type } = event;
  if (type !== 'submit' && type !== 'status') {
    throw new StreamerError('UNKNOWN_TYPE', 'The `type` of the event must be `submit` or `status`.');
  }
  const owner = ownerOf(event);
  if (typeof owner === 'string') throw invalid(`\`${owner}\` must be ${NAME_FORM}.`);
  if (type === 'submit') return { type, owner, message: requestOf(event, invocationId) };
  return { type, owner, id: (checked({ type: 'attach', id: event.id, offset: 0 }) as AttachMessage).id };
}

function requestOf(event: Fields, invocationId: string): RequestMessage {
  const { id = invocationId, action, input, notBefore, trace } = event;
  if (notBefore !== undefined) {
    throw new StreamerError('UNSUPPORTED_TYPE', 'The field `notBefore` is part of the protocol, but not served here.');
  }
  return checked({ type: 'request', id, action, input, trace }) as RequestMessage;
}

function checked(message: Fields): ClientMessage {
  const validated = validateMessage(message, 'client');
  if (validated.ok) return validated.message;
  const { code, message: text, details } = validated.error;
  throw new StreamerError(code, text, { details });
}

const invalid = (message: string): StreamerError => new StreamerError('INVALID_MESSAGE', message);

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
