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
import { type Json, StreamerError } from '../../protocol';
import { type Deps, type Store, writeTimeOf } from '../ports';
import { hashOf, type ReadDeps, storedInput } from '../requests/stored-request';

/** Returns the caps that apply to a request. A cap per value of a property applies only to inputs that have the property. */
export async function capsOf(deps: ReadDeps, configs: readonly CapConfig[], request: RequestItem): Promise<Cap[]> {
  const readsInput = configs.some(({ scope }) => scope === 'input');
  const input = readsInput ? await validInput(deps, request) : undefined;
  return configs.flatMap((config) => {
    const values = valuesOf(config, request, input);
    return values ? { key: capKey(request.action, config.scope, ...values), max: config.max } : [];
  });
}

/** Returns the input; undefined if it was uploaded and is not valid. No cap applies then, and the attempt fails with the reason. */
async function validInput(deps: ReadDeps, request: RequestItem): Promise<Json | undefined> {
  try {
    return await storedInput(deps, request);
  } catch (error) {
    if (error instanceof StreamerError && !error.retryable) return undefined;
    throw error;
  }
}

/** Returns the values that all requests with the same cap have in common; undefined if the cap does not apply to the request. */
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
 * Wakes the first requests in the line, as many as there are free slots.
 *
 * A function that frees a slot or adds a request to a line calls this function afterwards. The reads are consistent. So if two functions do that at
 * the same time, at least one of them reads the other one's write. If a function ends before the call, the sweeper wakes the requests.
 */
export async function wakeLine(deps: LineDeps, cap: Cap): Promise<void> {
  for (;;) {
    const state = await readCap(deps.store, cap);
    const first = state.tickets.slice(0, roomOf(cap, state, deps.platform.now()));
    const removed = await Promise.all(first.map((ticket) => wakeOrRemove(deps, cap, ticket)));
    if (!removed.includes(true)) return;
  }
}

/** @returns whether the ticket was removed, because its request was cancelled or has expired and so no longer waits */
async function wakeOrRemove(deps: LineDeps, cap: Cap, { requestKey, offset }: Ticket): Promise<boolean> {
  const { applied, item } = await deps.store.write(wake(requestKey, offset, writeTimeOf(deps)));
  if (applied || isWoken(item, offset)) return false;
  await deps.store.write(removeTicket(cap.key, offset));
  return true;
}

/** Whether the request was already woken, so that its queue message will arrive. */
const isWoken = (item: Item | undefined, ticket: number): boolean =>
  item?.status === 'PENDING' && item.ticket === ticket;

/** If a request has a place in a line, removes it from the line, and wakes the requests behind it. */
export async function leaveLine(deps: LineDeps, { line, ticket }: RequestItem): Promise<void> {
  if (line === undefined || ticket === undefined) return;
  await deps.store.write(removeTicket(line.key, ticket));
  await wakeLine(deps, line);
}
