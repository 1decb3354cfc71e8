import type { CapConfig } from '../../../src/contract';
import {
  and,
  apply,
  type CancelReason,
  type Cap,
  type CapState,
  type Claim,
  type ConditionalUpdate,
  claim,
  type Delivered,
  decodeRequest,
  dueKeyOf,
  eq,
  freeSlots,
  type HeldSlot,
  holds,
  type Item,
  isItsTurn,
  LEASE_MS,
  noteStart,
  park,
  putTicket,
  type RequestItem,
  releaseSlot,
  removeTicket,
  renew,
  renewSlot,
  SILENCE_MS,
  takeOver,
  takeSlot,
  ticketOf,
  type Update,
  type WriteTime,
} from '../../core';
import { capsOf, type LineDeps, leaveLine, readCap, wakeLine } from '../caps/line';
import { type Deps, type Store, type WriteResult, writeTimeOf } from '../ports';

export interface ClaimDeps extends Deps {
  /** Caps of the action. */
  readonly caps?: readonly CapConfig[];
}

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly request: RequestItem; readonly claim: Claim }
  /** The request waits in the line of a cap. The end of another attempt wakes it. */
  | { readonly kind: 'parked' }
  /** Several times in a row, other claims took the slots or places that this claim had found free. */
  | { readonly kind: 'contended' }
  /** The request does not exist or must not start. */
  | { readonly kind: 'refused'; readonly request?: RequestItem };

/** Maximum number of times in a row that the claim of a request may fail because of other claims. */
const ROUNDS = 5;

/** Claims a request for one attempt. If the action has caps, the claim includes a slot of each cap. */
export async function claimRequest(deps: ClaimDeps, requestKey: string, delivered: Delivered): Promise<ClaimResult> {
  if (deps.caps) return claimWithin(deps, deps.caps, requestKey, delivered);
  const result = await claimWithoutCaps(deps, requestKey, delivered);
  // the request may have waited for a cap that a deployment has removed
  if (result.kind === 'claimed') await leaveLine(deps, result.request);
  return result;
}

async function claimWithoutCaps(deps: Deps, requestKey: string, delivered: Delivered): Promise<ClaimResult> {
  const at = writeTimeOf(deps);
  const claimed = resultOf(await deps.store.write(claim(requestKey, delivered, at, 'keeps')));
  if (claimed.kind === 'claimed' || !claimed.request) return claimed;
  const write = claimOf(claimed.request, delivered, at);
  if (!holds(write.when, { ...claimed.request })) return claimed;
  return resultOf(await deps.store.write(write));
}

/** Returns the write that claims a request that was read. */
const claimOf = (request: RequestItem, delivered: Delivered, at: WriteTime): ConditionalUpdate =>
  request.status === 'RUNNING'
    ? takeOver(request, delivered, at)
    : claim(request.requestKey, delivered, at, dueKeyOf(request, at.now));

function resultOf({ applied, item }: WriteResult): Extract<ClaimResult, { kind: 'claimed' | 'refused' }> {
  const request = item && decodeRequest(item);
  if (!applied || !request) return { kind: 'refused', request };
  const { requestKey, fence } = request;
  return { kind: 'claimed', request, claim: { requestKey, fence } };
}

async function claimWithin(
  deps: ClaimDeps,
  configs: readonly CapConfig[],
  requestKey: string,
  delivered: Delivered,
): Promise<ClaimResult> {
  for (let round = 0; round < ROUNDS; round++) {
    const item = await deps.store.get('requests', { requestKey });
    const at = writeTimeOf(deps);
    const request = item && decodeRequest(item);
    const write = request && claimOf(request, delivered, at);
    if (!write || !holds(write.when, item)) return { kind: 'refused', request };
    const candidate = { item, request, write, ticket: ticketOf(request, round) };
    const result = await takeOrPark(deps, await capsOf(deps.store, configs, request), candidate);
    if (result) return result;
  }
  return { kind: 'contended' };
}

/** A request that may start, the write that claims it, and its place in the waiting line. */
interface Candidate {
  readonly item: Item;
  readonly request: RequestItem;
  readonly write: ConditionalUpdate;
  readonly ticket: number;
}

/** @returns undefined if another function changed the request, a slot or a line in the meantime */
async function takeOrPark(deps: ClaimDeps, caps: readonly Cap[], candidate: Candidate) {
  const states = await Promise.all(caps.map((cap) => readCap(deps.store, cap)));
  const now = deps.platform.now();
  const full = caps.find((cap, i) => !isItsTurn(cap, states[i], candidate.ticket, now));
  if (full) return parkIn(deps, full, candidate);
  return takeSlots(deps, caps, states, candidate);
}

/**
 * Claims slots and request in one transaction with one lease, so that neither is ever held without the other.
 *
 * A transaction returns no items. So the claim is conditional on the state that was read, and the state after the claim is computed from it.
 */
async function takeSlots(
  deps: ClaimDeps,
  caps: readonly Cap[],
  states: readonly CapState[],
  { item, request, write }: Candidate,
): Promise<ClaimResult | undefined> {
  const now = deps.platform.now();
  const slots = caps.map((cap, i): HeldSlot => ({ ...cap, slot: anyOf(deps, freeSlots(cap, states[i], now)) }));
  const mine: Claim = { requestKey: request.requestKey, fence: request.fence + 1, slots };
  const unchanged: Update = {
    ...write,
    remove: [...(write.remove ?? []), 'line', 'ticket'],
    when: and(write.when, eq('fence', request.fence), eq('run', request.run)),
  };
  const leaseUntil = Number(write.set?.leaseUntil);
  const taken = slots.map((slot) => takeSlot(slot, mine, now, leaseUntil));
  if (!(await deps.store.transact([...taken, unchanged, ...ticketsOf(request)]))) return undefined;
  return { kind: 'claimed', request: decodeRequest(apply(unchanged, item) ?? {}), claim: mine };
}

/** Returns a random free slot, so that two claims at the same time seldom choose the same slot. */
const anyOf = ({ platform }: Pick<Deps, 'platform'>, slots: readonly number[]): number =>
  slots[Math.floor(platform.random() * slots.length)];

/** Returns the write that removes the request's ticket, if it has one. */
const ticketsOf = ({ line, ticket }: RequestItem) =>
  line === undefined || ticket === undefined ? [] : [removeTicket(line.key, ticket)];

/**
 * Puts the request into the line of a cap. If the request has a place in another line, it leaves that line, and the next requests of that line may
 * start.
 */
async function parkIn(
  deps: ClaimDeps,
  cap: Cap,
  { request, write, ticket }: Candidate,
): Promise<ClaimResult | undefined> {
  const at = writeTimeOf(deps);
  const { requestKey, line } = request;
  const isOther = line !== undefined && line.key !== cap.key;
  const parked = await deps.store.transact([
    putTicket(cap, { requestKey, offset: ticket }, at.now),
    park(request, write.when, cap, ticket, at),
    ...(isOther ? ticketsOf(request) : []),
  ]);
  if (!parked) return undefined;
  for (const changed of isOther ? [line, cap] : [cap]) await wakeLine(deps, changed);
  return { kind: 'parked' };
}

/** State of a claim after its renewal. */
export interface Renewal {
  /** False if the lease belongs to another attempt, or the attempt has ended. */
  readonly held: boolean;
  /**
   * Present if the written item shows that the run is to be cancelled. If slots are renewed too, the write is a transaction, which returns no item.
   */
  readonly cancelled?: CancelReason;
}

/** Renews the lease of an attempt, and the leases of the slots that the attempt holds. */
export async function renewClaim(store: Pick<Store, 'write' | 'transact'>, mine: Claim, now: number): Promise<Renewal> {
  const { slots = [] } = mine;
  if (slots.length > 0) {
    const renewed = slots.map((slot) => renewSlot(slot, mine, now + LEASE_MS));
    return { held: await store.transact([...renewed, renew(mine, now)]) };
  }
  const { applied, item } = await store.write(renew(mine, now));
  if (!applied || !item?.cancelRequested) return { held: applied };
  return { held: true, cancelled: { cancelReason: item.cancelReason as string | undefined } };
}

/**
 * Releases the slots of an attempt that has ended, and wakes the requests that waited for them. Never rejects. A slot that could not be released
 * becomes free when its lease ends, and then the sweeper wakes a request.
 */
export async function releaseSlots(deps: Pick<Deps, keyof LineDeps | 'log'>, mine: Claim): Promise<void> {
  await Promise.all(
    (mine.slots ?? []).map(async (slot) => {
      try {
        await deps.store.write(releaseSlot(slot, mine));
        await wakeLine(deps, slot);
      } catch (error) {
        deps.log.warn('a slot could not be released: the next request starts when its lease ends', { error });
      }
    }),
  );
}

/**
 * Interval at which a process records that it starts requests. It is much shorter than the time after which requests fail if there is no such record.
 */
const INTERVAL_MS = SILENCE_MS / 36;

/** Returns a function that records that the action's function starts requests. It writes at the first request, and then at most once per interval. */
export function startNoter(deps: Pick<Deps, 'store' | 'platform' | 'log'>, action: string): () => Promise<void> {
  let notedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = deps.platform.now();
    if (now - notedAt < INTERVAL_MS) return;
    notedAt = now;
    try {
      await deps.store.write(noteStart(action, now));
    } catch (error) {
      notedAt = Number.NEGATIVE_INFINITY;
      deps.log.warn('the start of a request could not be noted', { error });
    }
  };
}
