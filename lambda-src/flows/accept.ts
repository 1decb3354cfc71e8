import { createHash } from 'node:crypto';
import { logKey, requestKey, tenantShard } from '../core/keys';
import { storeInput } from '../core/log';
import { asRequest, type RequestItem } from '../core/request';
import { accept, dueOfPending, expiry } from '../core/transitions';
import { type AckFrame, type Json, type RequestMessage, StreamerError } from '../protocol';
import { view } from './attach';
import type { Connection } from './connection';
import type { Deps } from './ports';

/** An input of up to this many characters is kept on the request, whose every write costs by its size. */
const INLINE_INPUT_CHARS = 2_048;

export interface AcceptOptions {
  /** How often the action is tried before the request fails. */
  readonly maxTries: number;
}

/** Stores the request; the answer is its acknowledgment. The same id and payload again: the request as it stands. */
export async function acceptRequest(
  deps: Deps,
  connection: Connection,
  message: RequestMessage,
  options: AcceptOptions,
): Promise<AckFrame> {
  const { request, input } = build(deps, connection, message, options);
  if (input !== undefined && request.input === undefined) {
    await deps.store.write(storeInput(logKey(request), input, request.expiresAt));
  }
  const { applied, item } = await deps.store.write(accept(request, { now: deps.world.now() }));
  if (applied) return acknowledge(request);
  return replay(deps, connection, request, item ? asRequest(item) : request);
}

function build(deps: Deps, connection: Connection, message: RequestMessage, { maxTries }: AcceptOptions) {
  const now = deps.world.now();
  const { tenant, user, connectionId, connectedAt } = connection;
  const key = requestKey(connection, message.id);
  const input = message.input === undefined ? undefined : JSON.stringify(message.input);
  const request: RequestItem = {
    requestKey: key,
    tenant,
    user,
    id: message.id,
    action: message.action,
    ref: deps.world.newId(),
    epoch: deps.world.newId().slice(0, 12),
    status: 'PENDING',
    fence: 0,
    tries: 0,
    maxTries,
    run: 1,
    createdAt: now,
    notBefore: now,
    inputHash: payloadHash(message),
    origin: { connectionId, connectedAt },
    tenantShard: tenantShard(tenant, message.id),
    expiresAt: expiry({ now, retentionSeconds: deps.retentionSeconds }),
    ...dueOfPending(key, now, now),
    ...(input !== undefined && input.length <= INLINE_INPUT_CHARS && { input }),
    ...(message.trace !== undefined && { trace: message.trace }),
  };
  return { request, input };
}

function acknowledge({ id, status, epoch, ref, run }: RequestItem): AckFrame {
  return { type: 'ack', id, status, epoch, ref, run, offset: 0 };
}

/** The id is taken: by this very request, whose answer was lost, or by another one. */
async function replay(
  deps: Deps,
  connection: Connection,
  asked: RequestItem,
  existing: RequestItem,
): Promise<AckFrame> {
  if (existing.inputHash !== asked.inputHash) {
    throw new StreamerError(
      'DUPLICATE_REQUEST',
      `The id ${asked.id} belongs to a request with another action or input. Use a new id.`,
    );
  }
  return { ...(await view(deps, connection, existing, 0)), replayed: true };
}

function payloadHash({ action, input }: RequestMessage): string {
  return createHash('sha256')
    .update(JSON.stringify(input === undefined ? [action] : [action, canonical(input)]))
    .digest('base64url');
}

/** With sorted keys: the same payload has the same hash in whatever order a client writes it. */
function canonical(value: Json): Json {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, canonical(value[key])]),
  );
}
