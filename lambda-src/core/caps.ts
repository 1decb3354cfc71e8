import { BOUNDS, EVENTS } from '../../src/contract';
import { hash } from './keys';
import type { Claim } from './transitions';
import { absent, type Delete, eq, type Item, lt, or, type Put, type Update } from './write';

/**
 * Caps limit the concurrent attempts of an action, in total or per tenant, user or value of the input.
 *
 * A cap is one partition of the events table. The items with the first offsets are slots. The transaction that claims a request also takes one slot
 * of each cap, with the lease of the claim. The items with later offsets are tickets. They form the line of the requests that wait for a slot, the
 * oldest first. One query reads slots and tickets.
 */
export interface Cap {
  /** Key of the partition. Its tenant part is empty, unlike the name of a tenant, so the key differs from the key of every log. */
  readonly key: string;
  /** Number of slots. */
  readonly max: number;
}

/** A slot that an attempt holds. */
export interface HeldSlot extends Cap {
  readonly slot: number;
}

/** Place of a waiting request in the line of a cap. */
export interface Ticket {
  readonly offset: number;
  readonly requestKey: string;
}

interface Slot {
  readonly offset: number;
  /**
   * The attempt that holds the slot: the key and the fence of its request. The fence grows with each claim and is never reset, so it identifies the
   * attempt.
   */
  readonly holder?: string;
  readonly leaseUntil?: number;
}

/** Slots and line of a cap. */
export interface CapState {
  readonly slots: readonly Slot[];
  /** The first tickets of the line, in order. */
  readonly tickets: readonly Ticket[];
}

/** Number of different tickets that one millisecond can have. */
const TICKETS_PER_MS = 1_000;
const DAY_SECONDS = 86_400;
/** Time to live of a slot's item. While the slot is in use, the item is written every 4 s. */
const SLOT_SECONDS = DAY_SECONDS;
/** Time to live of a ticket. A ticket is removed when its request is claimed or ends. It must not expire while the request waits. */
const TICKET_SECONDS = 366 * DAY_SECONDS;

const inSeconds = (now: number, seconds: number): number => Math.floor(now / 1000) + seconds;

/**
 * Number of items to read from offset 0: all slots, even if the maximum was higher in an earlier deployment, and as many tickets as requests can
 * start.
 */
export const itemsOf = ({ max }: Cap): number => BOUNDS.slots + max;

/** Reads the items of a cap's partition. */
export function capState(items: readonly Item[]): CapState {
  const isTicket = ({ requestKey }: Item) => requestKey !== undefined;
  return {
    slots: items.filter((item) => !isTicket(item)) as unknown as Slot[],
    tickets: items.filter(isTicket) as unknown as Ticket[],
  };
}

const isTaken = (now: number) => (slot: Slot) => slot.holder !== undefined && (slot.leaseUntil ?? 0) >= now;

/** Returns the number of attempts that may start now. */
export const roomOf = ({ max }: Cap, { slots }: CapState, now: number): number =>
  Math.max(0, max - slots.filter(isTaken(now)).length);

/** Whether the request may take a slot. The number of free slots must be larger than the number of requests before it in the line. */
export function isItsTurn(cap: Cap, state: CapState, ticket: number, now: number): boolean {
  return state.tickets.filter(({ offset }) => offset < ticket).length < roomOf(cap, state, now);
}

/** Free slots of a cap. */
export function freeSlots({ max }: Cap, { slots }: CapState, now: number): number[] {
  const taken = new Set(slots.filter(isTaken(now)).map(({ offset }) => offset));
  return Array.from({ length: max }, (_, slot) => slot).filter((slot) => !taken.has(slot));
}

/**
 * Returns the place of a request in any line. The place depends on the time since which the request waits, so that requests start in the order of
 * their acceptance.
 *
 * @param clash number of times that another request of the same millisecond had the place
 */
export function ticketOf(request: Waiting, clash: number): number {
  if (request.ticket !== undefined) return request.ticket;
  return request.pendingSince * TICKETS_PER_MS + ((hash(request.requestKey) + clash) % TICKETS_PER_MS);
}

interface Waiting {
  readonly requestKey: string;
  readonly pendingSince: number;
  readonly ticket?: number;
}

const at = (cap: string, offset: number) => ({ [EVENTS.partitionKey]: cap, [EVENTS.sortKey]: offset });

const holderOf = ({ requestKey, fence }: Claim): string => `${fence}#${requestKey}`;

/** Takes a slot that no attempt holds, or whose lease has ended. */
export const takeSlot = ({ key, slot }: HeldSlot, claim: Claim, now: number, leaseUntil: number): Update => ({
  kind: 'update',
  table: 'events',
  key: at(key, slot),
  set: { holder: holderOf(claim), leaseUntil, expiresAt: inSeconds(now, SLOT_SECONDS) },
  when: or(absent('holder'), lt('leaseUntil', now)),
});

export const renewSlot = ({ key, slot }: HeldSlot, claim: Claim, leaseUntil: number): Update => ({
  kind: 'update',
  table: 'events',
  key: at(key, slot),
  set: { leaseUntil },
  when: eq('holder', holderOf(claim)),
});

export const releaseSlot = ({ key, slot }: HeldSlot, claim: Claim): Update => ({
  kind: 'update',
  table: 'events',
  key: at(key, slot),
  remove: ['holder', 'leaseUntil'],
  when: eq('holder', holderOf(claim)),
});

/** Puts a request into the line. If the request already has this ticket, the ticket is written again. */
export const putTicket = ({ key }: Cap, { offset, requestKey }: Ticket, now: number): Put => ({
  kind: 'put',
  table: 'events',
  key: at(key, offset),
  attributes: { requestKey, expiresAt: inSeconds(now, TICKET_SECONDS) },
  when: or(absent('requestKey'), eq('requestKey', requestKey)),
});

export const removeTicket = (key: string, ticket: number): Delete => ({
  kind: 'delete',
  table: 'events',
  key: at(key, ticket),
});
