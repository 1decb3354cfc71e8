import * as fc from 'fast-check';
import {
  type Cap,
  capState,
  freeSlots,
  type HeldSlot,
  isItsTurn,
  itemsOf,
  putTicket,
  releaseSlot,
  renewSlot,
  roomOf,
  takeSlot,
  ticketOf,
} from '../../../lambda-src/core/caps';
import { capKey, requestKey, topicKey } from '../../../lambda-src/core/keys';
import { apply, holds, type Item, type Put, type Update } from '../../../lambda-src/core/write';

const NOW = 1_764_000_000_000;
const LEASE = NOW + 60_000;
const CAP: Cap = { key: capKey('report', 'tenant', 'acme'), max: 3 };
const FIRST = { requestKey: 'acme#ann#r1', fence: 1 };
const SECOND = { requestKey: 'acme#bob#r2', fence: 1 };
const slot = (n: number): HeldSlot => ({ ...CAP, slot: n });
const applied = (write: Update | Put, item?: Item): Item => {
  if (write.when && !holds(write.when, item)) throw new Error('not applied');
  return apply(write, item) ?? {};
};
const taken = (n = 0) => applied(takeSlot(slot(n), FIRST, NOW, LEASE));
const ticket = (offset: number): Item => ({ offset, requestKey: `acme#ann#${offset}` });

test('no names of tenant, user and request give the key of a cap, and no two caps have the same key', () => {
  const part = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(part, part, part, part, (action, tenant, user, id) => {
      const key = capKey(action, 'user', tenant, user);
      expect([requestKey({ tenant, user }, id), topicKey(tenant, id)]).not.toContain(key);
      const others = [
        capKey(action, 'tenant', tenant),
        capKey(action, 'tenant', `${tenant}#${user}`),
        capKey(action, 'action'),
      ];
      expect(others).not.toContain(key);
    }),
  );
});

test('a slot is taken by one claim until its lease ends', () => {
  const item = taken();

  expect(() => applied(takeSlot(slot(0), SECOND, LEASE, LEASE + 60_000), item)).toThrow('not applied');
  expect(applied(takeSlot(slot(0), SECOND, LEASE + 1, LEASE + 60_001), item)).toMatchObject({
    holder: '1#acme#bob#r2',
    leaseUntil: LEASE + 60_001,
  });
});

test.each([SECOND, { ...FIRST, fence: 2 }])('a slot is renewed and released by its holder only, not by %p', (other) => {
  const item = taken();

  expect(() => applied(renewSlot(slot(0), other, LEASE), item)).toThrow('not applied');
  expect(() => applied(releaseSlot(slot(0), other), item)).toThrow('not applied');
  expect(applied(renewSlot(slot(0), FIRST, LEASE + 9), item)).toEqual({ ...item, leaseUntil: LEASE + 9 });
  const released = applied(releaseSlot(slot(0), FIRST), item);
  expect(roomOf(CAP, capState([released]), NOW)).toBe(3);
  expect(applied(takeSlot(slot(0), other, NOW, LEASE), released)).toMatchObject({ leaseUntil: LEASE });
});

test('a cap has room for as many attempts as it has slots without a live lease', () => {
  const state = capState([taken(0), taken(2)]);

  expect([roomOf(CAP, state, NOW), freeSlots(CAP, state, NOW)]).toEqual([1, [1]]);
  expect([roomOf(CAP, state, LEASE + 1), freeSlots(CAP, state, LEASE + 1)]).toEqual([3, [0, 1, 2]]);
});

test('a cap that was lowered has no room until so many attempts have ended', () => {
  const state = capState([taken(0), taken(5), taken(7)]);

  expect(roomOf({ ...CAP, max: 2 }, state, NOW)).toBe(0);
  expect(roomOf({ ...CAP, max: 4 }, state, NOW)).toBe(1);
});

test('a read of a cap reaches its line, whatever slots exist', () => {
  const slots = Array.from({ length: 100 }, (_, n) => taken(n));
  const line = Array.from({ length: 50 }, (_, n) => ticket(NOW * 1000 + n));

  expect(capState([...slots, ...line].slice(0, itemsOf(CAP))).tickets).toHaveLength(3);
});

test('a request has its turn if there are more free slots than requests before it in the line', () => {
  const state = capState([taken(0), ticket(10), ticket(20)]);

  expect([5, 10, 15, 20, 25].map((offset) => isItsTurn(CAP, state, offset, NOW))).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
  expect(isItsTurn({ ...CAP, max: 1 }, state, 5, NOW)).toBe(false);
});

test('tickets are in the order of the times since which requests wait, and a request keeps its ticket', () => {
  const waiting = fc.record({ requestKey: fc.string(), pendingSince: fc.integer({ min: NOW, max: NOW * 2 }) });
  fc.assert(
    fc.property(waiting, waiting, fc.nat(9), (a, b, clash) => {
      const [first, second] = [ticketOf(a, clash), ticketOf(b, clash)];
      expect(Number.isSafeInteger(first)).toBe(true);
      if (a.pendingSince < b.pendingSince) expect(first).toBeLessThan(second);
      expect(ticketOf({ ...b, ticket: first }, clash + 1)).toBe(first);
      expect(ticketOf(a, clash + 1)).not.toBe(first);
    }),
  );
});

test('a ticket is never taken from another request', () => {
  const mine = { offset: 10, requestKey: 'acme#ann#r1' };
  const item = applied(putTicket(CAP, mine, NOW));

  expect(applied(putTicket(CAP, mine, NOW + 5_000), item)).toMatchObject(mine);
  expect(() => applied(putTicket(CAP, { ...mine, requestKey: 'acme#bob#r2' }, NOW), item)).toThrow('not applied');
});
