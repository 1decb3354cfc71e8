import { createHash } from 'node:crypto';
import { REQUESTS } from '../../../src/contract';
import {
  accept,
  decodeRequest,
  dueOfPending,
  expiry,
  logKey,
  type Origin,
  type Owner,
  type RequestItem,
  requestKey,
  storeInput,
  tenantShard,
  UncertainWrite,
} from '../../core';
import { type AckFrame, type Json, type RequestMessage, StreamerError } from '../../protocol';
import type { Connection } from '../connect/connection';
import { type Deps, type WriteResult, writeTimeOf } from '../ports';
import { view } from './attach';

export interface AcceptOptions {
  /** Maximum number of attempts. */
  readonly maxAttempts: number;
}

/**
 * Stores the request; the answer is its acknowledgment. For a repetition with the same id and payload, it is the current state of the
 * request.
 */
export async function acceptRequest(
  deps: Deps,
  connection: Connection,
  message: RequestMessage,
  { maxAttempts }: AcceptOptions,
): Promise<AckFrame> {
  const { connectionId, connectedAt } = connection;
  const asked = { owner: connection, message, maxAttempts, origin: { connectionId, connectedAt } };
  const { request, replayed } = await storeRequest(deps, asked);
  if (!replayed) return acknowledge(request);
  const ack = await view(deps, connection, request, 0).catch((error) => {
    // a plain refusal would mean that the request is not stored
    throw outcomeUnknown('The request is stored, but how it stands could not be read', error);
  });
  return { ...ack, replayed: true };
}

function acknowledge({ id, status, epoch, ref, run }: RequestItem): AckFrame {
  return { type: 'ack', id, status, epoch, ref, run, offset: 0 };
}

/** Maximum characters of an input that is stored on the request itself, because the size of the request adds to the cost of each write. */
const INLINE_INPUT_CHARS = 2_048;

export type StoreDeps = Pick<Deps, 'store' | 'platform' | 'retentionSeconds'>;

export interface NewRequest {
  readonly owner: Owner;
  /** The message, with a validated input. */
  readonly message: RequestMessage;
  /** Maximum number of attempts. */
  readonly maxAttempts: number;
  /** The connection that sent the request; undefined if there is none. */
  readonly origin?: Origin;
}

export interface StoredRequest {
  readonly request: RequestItem;
  /** Whether the request existed before. */
  readonly replayed: boolean;
}

/**
 * Stores a request once: the same id and payload again returns the existing request.
 *
 * @throws StreamerError `DUPLICATE_REQUEST` if the id belongs to another payload, `OUTCOME_UNKNOWN` if it is not known whether the request
 * was stored
 */
export async function storeRequest(deps: StoreDeps, asked: NewRequest): Promise<StoredRequest> {
  const { request, input } = build(deps, asked);
  const { applied, item } = await write(deps, request, input).catch((error) => readBack(deps, request, error));
  if (applied) return { request, replayed: false };
  const existing = item ? decodeRequest(item) : request;
  if (existing.inputHash === request.inputHash) return { request: existing, replayed: true };
  throw new StreamerError(
    'DUPLICATE_REQUEST',
    `The id ${request.id} belongs to a request with another action or input. Use a new id.`,
  );
}

async function write(deps: StoreDeps, request: RequestItem, input: string | undefined): Promise<WriteResult> {
  if (input !== undefined && request.input === undefined) {
    await deps.store.write(storeInput(logKey(request), input, request.expiresAt));
  }
  return deps.store.write(accept(request, { now: deps.platform.now() }));
}

/**
 * Derives the result of a failed write from the item. The item may come from this write, whose responses were lost, or from an earlier
 * write of the same request, whose answer never reached the client. Only this write has the request's random `ref`.
 *
 * @throws the error itself if nothing was certainly stored
 */
async function readBack(deps: StoreDeps, request: RequestItem, error: unknown): Promise<WriteResult> {
  const unknown = outcomeUnknown('Whether the request was stored is unknown', error);
  const item = await deps.store.get('requests', { [REQUESTS.partitionKey]: request.requestKey }).catch(() => {
    throw unknown;
  });
  // an item whose retention is over does not count: the next write replaces it
  if (item && Number(item.expiresAt) * 1000 >= deps.platform.now()) return { applied: item.ref === request.ref, item };
  throw error instanceof UncertainWrite ? unknown : error;
}

/** An error that is neither an acknowledgment nor a refusal: if the same request is sent again, it gets an answer. */
export const outcomeUnknown = (what: string, cause: unknown): StreamerError =>
  new StreamerError('OUTCOME_UNKNOWN', `${what}. Send it again with the same id.`, { cause });

function build(deps: StoreDeps, { owner, message, maxAttempts, origin }: NewRequest) {
  const { now, retentionSeconds } = writeTimeOf(deps);
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
    maxAttempts,
    run: 1,
    createdAt: now,
    pendingSince: now,
    inputHash: payloadHash(message),
    ...(origin && { origin }),
    tenantShard: tenantShard(tenant, message.id),
    expiresAt: expiry({ now, retentionSeconds }),
    ...dueOfPending(key, now, now),
    ...(input !== undefined && input.length <= INLINE_INPUT_CHARS && { input }),
    ...(message.trace !== undefined && { trace: message.trace }),
  };
  return { request, input };
}

function payloadHash({ action, input }: RequestMessage): string {
  return createHash('sha256')
    .update(JSON.stringify(input === undefined ? [action] : [action, canonical(input)]))
    .digest('base64url');
}

/** Sorts the keys, so that the same payload has the same hash in whatever order a client writes it. */
function canonical(value: Json): Json {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, canonical(value[key])]),
  );
}
