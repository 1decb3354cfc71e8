import { BOUNDS, EVENTS } from '../../src/contract';
import { hash } from './keys';
import type { Claim } from './transitions';
import { absent, type Delete, eq, type Item, lt, or, type Put, type Update } from './write';

/**
 * Caps limit the concurrent attempts of an action for one tenant, user or value of the input, or over all.
 *
 * A cap is one partition of the events table. Its first offsets are slots: an attempt takes one slot of each cap in the transaction of its claim, with the
 * lease of the claim. The later offsets are tickets: the line of the requests that wait for a slot, the oldest first. One query reads both.
 */
export interface Cap {
  /** Key of the partition. Its tenant part is empty, as no tenant's name is, so that the key equals that of no log. */
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
  /** The attempt that holds the slot: a request's fence grows with each claim and is never reset. */
  readonly holder?: string;
  readonly leaseUntil?: number;
}

/** Slots and line of a cap. */
export interface CapState {
  readonly slots: readonly Slot[];
  /** The first tickets of the line, in order. */
  readonly tickets: readonly Ticket[];
}

/** Number of different tickets of one millisecond. */
const TICKETS_PER_MS = 1_000;
const DAY_SECONDS = 86_400;
/** A slot that is in use is written every 20 s. */
const SLOT_SECONDS = DAY_SECONDS;
/** A ticket is removed with the claim or the end of its request; it must not disappear while the request waits. */
const TICKET_SECONDS = 366 * DAY_SECONDS;

const inSeconds = (now: number, seconds: number): number => Math.floor(now / 1000) + seconds;

/** Number of items to read from offset 0: all slots, also those of a maximum that was lowered, and as many tickets as requests that can start. */
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

/** Number of attempts that may start. */
export const roomOf = ({ max }: Cap, { slots }: CapState, now: number): number =>
  Math.max(0, max - slots.filter(isTaken(now)).length);

/** Whether the request may take a slot: there are more free ones than requests before it in the line. */
export function isItsTurn(cap: Cap, state: CapState, ticket: number, now: number): boolean {
  return state.tickets.filter(({ offset }) => offset < ticket).length < roomOf(cap, state, now);
}

/** Free slots of a cap. */
export function freeSlots({ max }: Cap, { slots }: CapState, now: number): number[] {
  const taken = new Set(slots.filter(isTaken(now)).map(({ offset }) => offset));
  return Array.from({ length: max }, (_, slot) => slot).filter((slot) => !taken.has(slot));
}

/**
 * Place of a request in any line: by the time since which it waits, so that requests start in the order in which they were accepted.
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

/** Puts a request into the line. The ticket that it has already is written again. */
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
