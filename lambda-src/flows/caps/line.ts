import {
  type Cap,
  type CapState,
  capState,
  type Item,
  itemsOf,
  type RequestItem,
  removeTicket,
  roomOf,
  type Ticket,
  wake,
} from '../../core';
import { type Deps, type Store, writeTimeOf } from '../ports';

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
