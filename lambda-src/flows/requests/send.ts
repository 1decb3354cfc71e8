import {
  addMessage,
  decodeHead,
  expiry,
  headKey,
  isTerminal,
  logKey,
  type Owner,
  type RequestItem,
  receivedKey,
} from '../../core';
import { CONSTANTS, type InputAckFrame, type InputMessage, StreamerError } from '../../protocol';
import { checkInputSize, type MessageSchemas, parseMessage } from '../handlers/input';
import { type Deps, writeTimeOf } from '../ports';
import { findRequest } from './stored-request';

export type SendDeps = Pick<Deps, 'store' | 'platform' | 'retentionSeconds' | 'limits'>;

/** Returns the message schemas of an action; undefined if the caller has no schemas. */
export type SchemasOf = (action: string) => Promise<MessageSchemas | undefined>;

/** The part of an action that determines which messages its requests accept. */
export interface ActionWithMessages {
  readonly kind: string;
  /** Schemas of the messages to a request, if the schema module exports them. */
  readonly messages?: () => Promise<MessageSchemas | undefined>;
}

/** Returns a function that finds the message schemas of an action. The action of a request may no longer exist, or may no longer be async. */
export const schemasIn =
  (actions: ReadonlyMap<string, ActionWithMessages>): SchemasOf =>
  async (name) =>
    actions.get(name)?.messages?.();

/** Maximum number of attempts. If two senders use the same position at the same time, one of them repeats its write at the next position. */
const MAX_RACES = 20;

/**
 * Stores a message to a running request of the owner, and returns the acknowledgment. If a message with the same id is already stored, nothing is
 * added.
 *
 * @throws StreamerError `NOT_FOUND`, `REQUEST_ENDED`, `INVALID_INPUT`, `TOO_MANY_INPUTS`
 */
export async function sendToRequest(
  deps: SendDeps,
  owner: Owner,
  message: InputMessage,
  schemasOf: SchemasOf,
): Promise<InputAckFrame> {
  const request = await liveRequest(deps, owner, message.request);
  checkInputSize(message.data, { kind: 'sync' }, deps.limits);
  await parseMessage(await schemasOf(request.action), message.name, message.data);
  for (let race = 0; race < MAX_RACES; race++) {
    if (await store(deps, request, message)) {
      return { type: 'ack', for: 'input', id: message.id, request: request.id };
    }
  }
  throw new StreamerError('UNAVAILABLE', 'Too many messages were sent to the request at the same time.');
}

async function liveRequest(deps: SendDeps, owner: Owner, id: string): Promise<RequestItem> {
  const request = await findRequest(deps, owner, id);
  if (!isTerminal(request.status)) return request;
  throw new StreamerError('REQUEST_ENDED', `The request ${id} has ended, so it takes no message.`);
}

/** @returns whether the inbox has the message, from this call or an earlier one */
async function store(deps: SendDeps, request: RequestItem, { id, name, data }: InputMessage): Promise<boolean> {
  const log = logKey(request);
  if (await deps.store.get('events', receivedKey(log, id))) return true;
  const { messages = 0 } = decodeHead(await deps.store.get('events', headKey(log)));
  const max = CONSTANTS.limits.inputs;
  if (messages >= max) {
    throw new StreamerError('TOO_MANY_INPUTS', `A request takes at most ${max} messages.`);
  }
  const now = deps.platform.now();
  const text = data === undefined ? undefined : JSON.stringify(data);
  const entry = { offset: messages + 1, messageId: id, name, data: text, sentAt: now };
  const expiresAt = Math.max(expiry(writeTimeOf(deps)), request.expiresAt);
  return deps.store.transact(addMessage(log, entry, expiresAt));
}
