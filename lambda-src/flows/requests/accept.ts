import type { AcceptConfig } from '../../../src/contract';
import {
  accept,
  decodeRequest,
  expiry,
  isExpired,
  logKey,
  type Origin,
  type Owner,
  type PayloadObject,
  type RequestItem,
  requestItemKey,
  requestKey,
  startOfRun,
  storeInput,
  UncertainWrite,
  userKey,
  viewerOf,
} from '../../core';
import { type AckFrame, type RequestMessage, StreamerError } from '../../protocol';
import { type Connection, join } from '../connect/connection';
import type { Deps, WriteResult } from '../ports';
import { view } from './attach';
import { writeDebounced } from './debounce';
import { requestHash } from './stored-request';

/**
 * Stores the request, and returns its acknowledgment. If the client repeats a request with the same id and payload, the acknowledgment contains the
 * request's current state.
 */
export async function acceptRequest(
  deps: Deps,
  connection: Connection,
  message: RequestMessage,
  config: AcceptConfig,
  upload?: PayloadObject,
): Promise<AckFrame> {
  const { connectionId, connectedAt } = connection;
  // If the request is cancelled after its viewers have left, its first viewer needs a subscription, too, which records that the viewer has left.
  const prepare = async (request: RequestItem) => {
    if (request.cancelAfterMs !== undefined) await join(deps, connection, viewerOf(request, connectionId));
  };
  const asked = { owner: connection, message, config, origin: { connectionId, connectedAt }, prepare, upload };
  const { request, replayed } = await storeRequest(deps, asked);
  if (!replayed) return acknowledge(request);
  const ack = await view(deps, connection, request, 0).catch((error) => {
    // A plain refusal would mean that the request is not stored, so an error with an unknown outcome is thrown.
    throw outcomeUnknown('The request is stored, but its state could not be read', error);
  });
  return { ...ack, replayed: true };
}

function acknowledge({ id, status, epoch, ref, run }: RequestItem): AckFrame {
  return { type: 'ack', id, status, epoch, ref, run, offset: 0 };
}

/** Maximum characters of an input that is stored on the request's item. A larger item would make each write more expensive. */
const INLINE_INPUT_CHARS = 2_048;

export type StoreDeps = Pick<Deps, 'store' | 'platform' | 'retentionSeconds'>;

export interface NewRequest {
  readonly owner: Owner;
  /** The message, with a validated input. */
  readonly message: RequestMessage;
  /** Settings of the action. */
  readonly config: AcceptConfig;
  /** The object with the input, if the message refers to an uploaded input. */
  readonly upload?: PayloadObject;
  /** The connection that sent the request; undefined if the request came without a connection. */
  readonly origin?: Origin;
  /** Called before the request is stored. If it throws, the request is not stored. */
  readonly prepare?: (request: RequestItem) => Promise<void>;
}

export interface StoredRequest {
  readonly request: RequestItem;
  /** Whether the request existed before this message. */
  readonly replayed: boolean;
}

/**
 * Stores a request once. If the same id and payload are stored already, returns the existing request.
 *
 * @throws StreamerError `DUPLICATE_REQUEST` if the id belongs to another payload, `OUTCOME_UNKNOWN` if it is not known whether the request
 * was stored
 */
export async function storeRequest(deps: StoreDeps, asked: NewRequest): Promise<StoredRequest> {
  const { request, input } = build(deps, asked);
  const { applied, item } = await write(deps, asked, request, input).catch((error) => readBack(deps, request, error));
  if (applied) return { request: item ? decodeRequest(item) : request, replayed: false };
  const existing = item ? decodeRequest(item) : request;
  if (existing.inputHash === request.inputHash) return { request: existing, replayed: true };
  throw new StreamerError(
    'DUPLICATE_REQUEST',
    `The id ${request.id} belongs to a request with another action or input. Use a new id.`,
  );
}

async function write(
  deps: StoreDeps,
  asked: NewRequest,
  request: RequestItem,
  input: string | undefined,
): Promise<WriteResult> {
  await asked.prepare?.(request);
  await storeLongInput(deps, request, input);
  const { debounce } = asked.message;
  if (debounce) {
    return writeDebounced(deps, debounce, request, (now, start) =>
      timesOf(deps, asked, request.requestKey, { now, start }),
    );
  }
  return deps.store.write(accept(request, { now: deps.platform.now() }));
}

async function storeLongInput({ store }: StoreDeps, request: RequestItem, input: string | undefined): Promise<void> {
  if (input === undefined || request.input !== undefined) return;
  await store.write(storeInput(logKey(request), input, request.expiresAt));
}

/**
 * Determines the result of a failed write from the stored item. The item may come from this write, whose response was lost. It may also come from an
 * earlier write of the same request, whose answer never reached the client. The random `ref` of the item shows which of the two wrote it.
 *
 * @throws the given error, if certainly nothing was stored
 */
async function readBack(deps: StoreDeps, request: RequestItem, error: unknown): Promise<WriteResult> {
  const unknown = outcomeUnknown('Whether the request was stored is unknown', error);
  const item = await deps.store.get('requests', requestItemKey(request.requestKey)).catch(() => {
    throw unknown;
  });
  // An expired item does not count, because the next write replaces it.
  if (item && !isExpired(item, deps.platform.now())) return { applied: item.ref === request.ref, item };
  throw error instanceof UncertainWrite ? unknown : error;
}

/** Creates an error that is neither an acknowledgment nor a refusal. The client can send the same request again, and then gets an answer. */
export const outcomeUnknown = (what: string, cause: unknown): StreamerError =>
  new StreamerError('OUTCOME_UNKNOWN', `${what}. Send it again with the same id.`, { cause });

function build(deps: StoreDeps, asked: NewRequest) {
  const { owner, message, config, origin, upload } = asked;
  const now = deps.platform.now();
  const start = Math.max(now, message.notBefore ?? now + (message.debounce?.waitMs ?? 0));
  const { tenant, user } = owner;
  const key = requestKey(owner, message.id);
  const input = message.input === undefined ? undefined : JSON.stringify(message.input);
  const request: RequestItem = {
    requestKey: key,
    tenant,
    user,
    id: message.id,
    action: message.action,
    ref: deps.platform.newId(),
    epoch: deps.platform.newId().slice(0, 12),
    status: 'PENDING',
    fence: 0,
    attempt: 0,
    maxAttempts: config.maxAttempts,
    run: 1,
    createdAt: now,
    inputHash: requestHash(message),
    ...(origin && { origin }),
    userKey: userKey(owner),
    ...timesOf(deps, asked, key, { now, start }),
    ...(config.cancelAfterMs !== undefined && { cancelAfterMs: config.cancelAfterMs }),
    ...(input !== undefined && input.length <= INLINE_INPUT_CHARS && { input }),
    ...(upload && { upload }),
    ...(message.trace !== undefined && { trace: message.trace }),
    ...(message.priority !== undefined && { priority: message.priority }),
  };
  return { request, input };
}

/** Returns the times of a request that is accepted at `now`, and starts then or later. */
function timesOf(
  { retentionSeconds }: StoreDeps,
  { message, config }: NewRequest,
  requestKey: string,
  { now, start }: { readonly now: number; readonly start: number },
) {
  return {
    pendingSince: start,
    ...(start > now && { notBefore: start }),
    expiresAt: expiry({ now: start, retentionSeconds }),
    ...startOfRun(requestKey, now, deadlineOf(message, config, now, start), start),
  };
}

/** Returns the earlier of two deadlines. The message's deadline counts from the acceptance, and the action's deadline from the earliest start. */
function deadlineOf(message: RequestMessage, config: AcceptConfig, now: number, start: number) {
  const { deadlineMs: asked = Number.POSITIVE_INFINITY } = message;
  const { deadlineMs: allowed = Number.POSITIVE_INFINITY } = config;
  const deadlineMs = Math.min(asked, allowed);
  return Number.isFinite(deadlineMs) ? { deadlineMs, deadlineAt: Math.min(now + asked, start + allowed) } : {};
}
