import type { CapConfig } from '../../../src/contract';
import {
  type Cap,
  type CapState,
  capKey,
  capState,
  type Item,
  itemsOf,
  type RequestItem,
  removeTicket,
  roomOf,
  type Ticket,
  wake,
} from '../../core';
import type { Json } from '../../protocol';
import { type Deps, type Store, writeTimeOf } from '../ports';
import { hashOf, storedInput } from '../requests/stored-request';

/** The caps that apply to a request. One by a property applies only to inputs that have the property. */
export async function capsOf(
  store: Pick<Store, 'get'>,
  configs: readonly CapConfig[],
  request: RequestItem,
): Promise<Cap[]> {
  const readsInput = configs.some(({ scope }) => scope === 'input');
  const input = readsInput ? await storedInput(store, request) : undefined;
  return configs.flatMap((config) => {
    const values = valuesOf(config, request, input);
    return values ? { key: capKey(request.action, config.scope, ...values), max: config.max } : [];
  });
}

/** The values that requests with a common cap have in common; undefined if the cap does not apply. */
function valuesOf(
  { scope, property = '' }: CapConfig,
  { tenant, user }: RequestItem,
  input: Json | undefined,
): string[] | undefined {
  if (scope === 'action') return [];
  if (scope === 'tenant') return [tenant];
  if (scope === 'user') return [tenant, user];
  const value = propertyOf(input, property);
  return value === undefined ? undefined : [tenant, property, hashOf(value)];
}

function propertyOf(input: Json | undefined, property: string): Json | undefined {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isObject && Object.hasOwn(input, property) ? input[property] : undefined;
}

export type LineDeps = Pick<Deps, 'store' | 'platform' | 'retentionSeconds'>;

/** Reads the slots of a cap and the beginning of its line. The read is consistent. */
export async function readCap(store: Pick<Store, 'query'>, cap: Cap): Promise<CapState> {
  return capState(await store.query({ table: 'events', partition: cap.key, from: 0, limit: itemsOf(cap) }));
}

/**
 * Wakes as many requests, from the first one in the line on, as there are free slots.
 *
 * Every function that frees a slot, and every one that adds a request to a line, does this afterwards: with consistent reads one of two that meet sees what the
 * other one wrote. If a function ends before it does so, the sweeper does.
 */
export async function wakeLine(deps: LineDeps, cap: Cap): Promise<void> {
  for (;;) {
    const state = await readCap(deps.store, cap);
    const first = state.tickets.slice(0, roomOf(cap, state, deps.platform.now()));
    const removed = await Promise.all(first.map((ticket) => wakeOrRemove(deps, cap, ticket)));
    if (!removed.includes(true)) return;
  }
}

/** @returns whether the ticket was removed, because its request waits no longer: it was cancelled, or has expired */
async function wakeOrRemove(deps: LineDeps, cap: Cap, { requestKey, offset }: Ticket): Promise<boolean> {
  const { applied, item } = await deps.store.write(wake(requestKey, offset, writeTimeOf(deps)));
  if (applied || isWoken(item, offset)) return false;
  await deps.store.write(removeTicket(cap.key, offset));
  return true;
}

/** Whether the request was woken before: its message is on its way. */
const isWoken = (item: Item | undefined, ticket: number): boolean =>
  item?.status === 'PENDING' && item.ticket === ticket;

/** Removes a request that ended while it waited from its line, and wakes the ones behind it. */
export async function leaveLine(deps: LineDeps, { line, ticket }: RequestItem): Promise<void> {
  if (line === undefined || ticket === undefined) return;
  await deps.store.write(removeTicket(line.key, ticket));
  await wakeLine(deps, line);
}
