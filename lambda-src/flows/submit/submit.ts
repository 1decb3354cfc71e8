import type { AcceptConfig } from '../../../src/contract';
import { checkStart, NAME_FORM, type Owner, ownerOf, type RequestSummary, summaryOf } from '../../core';
import {
  type AttachMessage,
  type CancelMessage,
  checkMessage,
  type InputAckFrame,
  type InputMessage,
  type ListFilter,
  type ListMessage,
  type RequestMessage,
  StreamerError,
  toStreamerError,
  type Upload,
  type UploadMessage,
  type WireError,
} from '../../protocol';
import { checkInputSize, parseInput, type SchemaSource } from '../handlers/input';
import { publicError } from '../handlers/thrown';
import { answerUpload, findUpload } from '../payloads/upload';
import type { Deps, Log } from '../ports';
import { type StoreDeps, storeRequest } from '../requests/accept';
import { cancel } from '../requests/cancel';
import { listRequests, type RequestPage } from '../requests/list';
import { type ActionWithMessages, schemasIn, sendToRequest } from '../requests/send';
import { hashOf } from '../requests/stored-request';
import { type StatusDeps, type StatusReport, statusOf } from './status';

/** The properties of an action that the submitter needs. */
export type SubmitterAction =
  | { readonly kind: 'sync' }
  | (ActionWithMessages & AcceptConfig & { readonly kind: 'async'; readonly schema?: SchemaSource });

export interface SubmitDeps extends StoreDeps, Pick<Deps, 'limits' | 'payloads'> {
  readonly actions: ReadonlyMap<string, SubmitterAction>;
}

/** Answer to a submission. It contains the current state of the request. */
export interface Submitted extends RequestSummary {
  /** Whether the same request had already been submitted. */
  readonly replayed: boolean;
}

/** Answer to a cancellation: the state of the request after it. */
export type CancelReport = Pick<RequestSummary, 'id' | 'status' | 'run'>;

/** Answer to a message after the message is stored. */
export type SentMessage = Pick<InputAckFrame, 'id' | 'request'>;

/** Answer to a question for a URL to which the caller uploads an input. */
export type UploadSlot = Upload & Pick<UploadMessage, 'id'>;

type Answer = Submitted | StatusReport | CancelReport | RequestPage | SentMessage | UploadSlot;

/** Stores a request without a connection. Any connection of the request's owner may attach to the request. */
export async function submit(deps: SubmitDeps, owner: Owner, message: RequestMessage): Promise<Submitted> {
  const { schema, ...config } = asyncAction(deps, message.action);
  checkStart(message, config, deps.platform.now());
  const { upload } = message;
  const object = upload && (await findUpload(deps, owner, { ...message, upload }, config));
  checkInputSize(message.input, config, deps.limits);
  if (!object) await parseInput(schema, message.input);
  const { request, replayed } = await storeRequest(deps, { owner, message, config, upload: object });
  return { ...summaryOf(request), replayed };
}

function asyncAction({ actions }: SubmitDeps, name: string) {
  const action = actions.get(name);
  if (action?.kind === 'async') return action;
  const reason = action
    ? `${name} is a sync action, which answers on its connection only`
    : `There is no action ${name}`;
  throw new StreamerError('UNKNOWN_ACTION', `${reason}. Submit an async one.`);
}

export interface SubmissionDeps extends SubmitDeps, StatusDeps {
  readonly log: Log;
}

/** The submitter's answer. A refusal is also an answer. */
export type SubmissionAnswer = ({ readonly ok: true } & Answer) | { readonly ok: false; readonly error: WireError };

/**
 * Answers one invocation of the submitter.
 *
 * @throws unexpected errors, and errors with an unknown outcome. Lambda then repeats an asynchronous invocation with the same id
 */
export async function answerSubmission(
  deps: SubmissionDeps,
  event: unknown,
  invocationId: string,
): Promise<SubmissionAnswer> {
  try {
    return { ok: true, ...(await carryOut(deps, readCommand(event, invocationId))) };
  } catch (thrown) {
    const { code } = toStreamerError(thrown);
    if (code === 'INTERNAL' || code === 'OUTCOME_UNKNOWN') throw thrown;
    const error = publicError(deps.log, 'a submission failed', thrown);
    tell(deps.log, error);
    return { ok: false, error: error.toWire() };
  }
}

async function carryOut(deps: SubmissionDeps, command: SubmitterCommand): Promise<Answer> {
  const { owner } = command;
  switch (command.type) {
    case 'submit':
      return submit(deps, owner, command.message);
    case 'status':
      return statusOf(deps, owner, command.id);
    case 'list':
      return listRequests(deps, owner, command.filter);
    case 'send':
      return send(deps, owner, command.message);
    case 'upload':
      return uploadSlot(deps, owner, command.message);
    case 'cancel': {
      const { id, status, run } = await cancel(deps, owner, command);
      return { id, status, run };
    }
  }
}

async function send(deps: SubmissionDeps, owner: Owner, message: InputMessage): Promise<SentMessage> {
  const { id, request } = await sendToRequest(deps, owner, message, schemasIn(deps.actions));
  return { id, request };
}

async function uploadSlot(deps: SubmissionDeps, owner: Owner, message: UploadMessage): Promise<UploadSlot> {
  const { id, url, headers } = await answerUpload(deps, owner, message, asyncAction(deps, message.action));
  return { id, url, headers };
}

/**
 * Logs a refusal, because nobody reads the answer of an asynchronous invocation, such as that of a schedule. Only the code is logged, because the
 * message may contain parts of the input.
 */
function tell(log: Log, { code }: StreamerError): void {
  if (code !== 'NOT_FOUND') log.warn('a submission was refused', { code });
}

/** Payload of an invocation of the submitter. The caller names the owner. A caller that may invoke the function may act for every user. */
export type SubmitterCommand =
  | { readonly type: 'submit'; readonly owner: Owner; readonly message: RequestMessage }
  | { readonly type: 'status'; readonly owner: Owner; readonly id: string }
  | { readonly type: 'cancel'; readonly owner: Owner; readonly id: string; readonly reason?: string }
  | { readonly type: 'list'; readonly owner: Owner; readonly filter: ListFilter }
  | { readonly type: 'send'; readonly owner: Owner; readonly message: InputMessage }
  | { readonly type: 'upload'; readonly owner: Owner; readonly message: UploadMessage };

const TYPES: readonly SubmitterCommand['type'][] = ['submit', 'status', 'cancel', 'list', 'send', 'upload'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads an invocation's event. A request must obey the same rules as on a connection: for its size, its names and its JSON.
 *
 * @param invocationId id for a request without an id. If Lambda repeats an invocation, the id is the same, so the request is the same
 * @throws StreamerError that names the problem
 */
export function readCommand(event: unknown, invocationId: string): SubmitterCommand {
  if (!isFields(event)) throw invalid('The event must be a JSON object with `type`, `user` and more.');
  const type = TYPES.find((known) => known === event.type);
  if (type === undefined) {
    throw new StreamerError('UNKNOWN_TYPE', `The \`type\` of the event must be one of ${TYPES.join(', ')}.`);
  }
  const owner = ownerOf(event);
  if (typeof owner === 'string') throw invalid(`\`${owner}\` must be ${NAME_FORM}.`);
  if (type === 'submit') return { type, owner, message: requestOf(event, invocationId) };
  if (type === 'send') return { type, owner, message: inputOf(event, invocationId) };
  if (type === 'upload') return { type, owner, message: uploadOf(event) };
  if (type === 'list') return { type, owner, filter: filterOf(event) };
  if (type === 'status')
    return { type, owner, id: (checkMessage({ type: 'attach', id: event.id, offset: 0 }) as AttachMessage).id };
  const { id, reason } = checkMessage({ type, id: event.id, reason: event.reason }) as CancelMessage;
  return { type, owner, id, ...(reason !== undefined && { reason }) };
}

function inputOf(event: Fields, invocationId: string): InputMessage {
  const { id = idOf(event, invocationId), request, name, data } = event;
  return checkMessage({ type: 'input', id, request, name, data }) as InputMessage;
}

function uploadOf({ id, action, bytes, sha256 }: Fields): UploadMessage {
  return checkMessage({ type: 'upload', id, action, bytes, sha256 }) as UploadMessage;
}

function requestOf(event: Fields, invocationId: string): RequestMessage {
  const {
    id = idOf(event, invocationId),
    action,
    input,
    upload,
    notBefore,
    deadlineMs,
    priority,
    debounce,
    trace,
  } = event;
  return checkMessage({
    type: 'request',
    id,
    action,
    input,
    upload,
    notBefore,
    deadlineMs,
    priority,
    debounce,
    trace,
  }) as RequestMessage;
}

function filterOf({ action, status, limit, cursor }: Fields): ListFilter {
  const {
    type: _,
    id: __,
    ...filter
  } = checkMessage({ type: 'list', id: 'list', action, status, limit, cursor }) as ListMessage;
  return filter;
}

/**
 * Returns the id for an event without an id. It is derived from the event's key, which may be any string. Without a key, it is the id of the
 * invocation.
 */
function idOf({ key }: Fields, invocationId: string): string {
  if (key === undefined) return invocationId;
  if (typeof key !== 'string' || key === '' || key.length > MAX_KEY_CHARS) {
    throw invalid(`\`key\` must be a string of 1 to ${MAX_KEY_CHARS} characters.`);
  }
  return hashOf(key);
}

const MAX_KEY_CHARS = 1_024;

const invalid = (message: string): StreamerError => new StreamerError('INVALID_MESSAGE', message);

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
