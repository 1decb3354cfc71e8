import { CONNECTIONS, SUBSCRIPTIONS } from '../../../src/contract';
import {
  and,
  CONNECTION_TTL_SECONDS,
  eq,
  isExpiry,
  type Key,
  NAME_FORM,
  noteLeft,
  type Origin,
  type Owner,
  ownerOf,
  removeSubscription,
  type Subscription,
  tenantShard,
  userKey,
  type Write,
} from '../../core';
import { StreamerError } from '../../protocol';
import { type Deps, writeTimeOf } from '../ports';

/** A connection, as the authorizer's context and API Gateway describe it in each event. */
export interface Connection extends Owner, Origin {
  /** Epoch seconds at which the token expires. */
  readonly authExp?: number;
}

/** The parts of API Gateway's event that identify the connection. */
export interface ConnectionEvent extends Origin {
  /** The authorizer's context. Its values arrive as strings. */
  readonly authorizer?: Readonly<Record<string, unknown>>;
}

/**
 * Reads the identity of the sender from the authorizer's context. The context is validated here, because a custom authorizer may return anything.
 * With an invalid context, no connection opens.
 *
 * @throws Error if the context names no user, or contains an invalid tenant or expiry
 */
export function connectionOf({ connectionId, connectedAt, authorizer = {} }: ConnectionEvent): Connection {
  const owner = ownerOf(authorizer);
  if (typeof owner === 'string') throw new Error(`the authorizer's context must have \`${owner}\`: ${NAME_FORM}`);
  const exp = expiryOf(authorizer.exp);
  return { connectionId, connectedAt, ...owner, ...(exp > 0 && { authExp: exp }) };
}

function expiryOf(exp: unknown = 0): number {
  const seconds = typeof exp === 'number' || (typeof exp === 'string' && exp.trim() !== '') ? Number(exp) : Number.NaN;
  if (isExpiry(seconds)) return seconds;
  throw new Error("`exp` of the authorizer's context must be epoch seconds, or 0 or absent for no end");
}

/** Whether the token that opened the connection has expired. */
export const hasExpired = ({ authExp }: Connection, now: number): boolean =>
  authExp !== undefined && authExp * 1000 <= now;

const connectionExpiry = (connectedAt: number): number => Math.floor(connectedAt / 1000) + CONNECTION_TTL_SECONDS;

export async function connect(deps: Deps, connection: Connection): Promise<void> {
  const { connectionId, connectedAt, tenant, user, authExp } = connection;
  await deps.store.write({
    kind: 'put',
    table: 'connections',
    key: { [CONNECTIONS.partitionKey]: connectionId },
    attributes: {
      connectedAt,
      tenant,
      user,
      authExp,
      [CONNECTIONS.byUser.partitionKey]: userKey(connection),
      [CONNECTIONS.byTenant.partitionKey]: tenantShard(tenant, connectionId),
      expiresAt: connectionExpiry(connectedAt),
    },
  });
}

/**
 * Removes the connection and its subscriptions. If the request of a subscription is cancelled after its viewers have left, the subscription stays, and gets
 * the current time as `leftAt`.
 *
 * The connection is removed first, because a connection that no longer exists cannot get further subscriptions.
 */
export async function disconnect(deps: Deps, { connectionId, connectedAt }: Origin): Promise<void> {
  await deps.store.write({
    kind: 'delete',
    table: 'connections',
    key: { [CONNECTIONS.partitionKey]: connectionId },
    when: eq('connectedAt', connectedAt),
  });
  const rows = await deps.store.query({
    table: 'subscriptions',
    index: SUBSCRIPTIONS.byConnection,
    partition: connectionId,
  });
  const keys = rows.map((row) => ({
    [SUBSCRIPTIONS.partitionKey]: String(row[SUBSCRIPTIONS.partitionKey]),
    [SUBSCRIPTIONS.sortKey]: connectionId,
  }));
  await Promise.all(keys.map((key) => leave(deps, { connectedAt }, key)));
}

/** Removes the subscription of a connection that has ended. If the subscription has to stay, it gets the time at which its viewer left instead. */
export async function leave(
  deps: Pick<Deps, 'store' | 'platform' | 'retentionSeconds'>,
  { connectedAt }: Pick<Origin, 'connectedAt'>,
  key: Key,
): Promise<void> {
  const { applied, item } = await deps.store.write(removeSubscription(key, connectedAt));
  if (!applied && item?.connectedAt === connectedAt) await deps.store.write(noteLeft(key, item, writeTimeOf(deps)));
}

/**
 * Subscribes a connection to a channel, unless the connection has ended in the meantime.
 *
 * @param more further writes of the same transaction
 * @throws StreamerError `UNAVAILABLE` if the connection has ended
 */
export async function join(
  { store }: Pick<Deps, 'store'>,
  { connectionId, connectedAt, tenant, user }: Connection,
  { key, run }: Subscription,
  ...more: Write[]
): Promise<void> {
  const joined = await store.transact([
    {
      kind: 'check',
      table: 'connections',
      key: { [CONNECTIONS.partitionKey]: connectionId },
      when: and(eq('connectedAt', connectedAt), eq('tenant', tenant)),
    },
    {
      kind: 'put',
      table: 'subscriptions',
      key,
      attributes: { connectedAt, user, run, expiresAt: connectionExpiry(connectedAt) },
    },
    ...more,
  ]);
  if (!joined) throw new StreamerError('UNAVAILABLE', 'The connection ended; connect again.');
}
