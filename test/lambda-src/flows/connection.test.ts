import { attach } from '../../../lambda-src/flows/attach';
import { connect, disconnect, stillConnected } from '../../../lambda-src/flows/connection';
import { ALICE, ALICE_PHONE, Bench } from '../support/bench';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

test("a connection is stored with its owner, its token's end and its own", async () => {
  await connect(bench.deps, { ...ALICE, connectedAt: 1_700_000_000_500, authExp: 1_700_000_600 });

  expect(bench.memory.all('connections')).toEqual([
    {
      connectionId: 'c-alice',
      connectedAt: 1_700_000_000_500,
      tenant: 'acme',
      user: 'alice',
      authExp: 1_700_000_600,
      userKey: 'acme#alice',
      tenantShard: expect.stringMatching(/^acme#\d+$/),
      expiresAt: 1_700_000_000 + 7_800,
    },
  ]);
});

test('a disconnect removes the connection and what it viewed, and lets its requests go on', async () => {
  await bench.connect(ALICE, ALICE_PHONE);
  for (const id of ['r1', 'r2']) {
    await bench.request(id);
    for (const by of [ALICE, ALICE_PHONE]) await attach(bench.deps, by, { type: 'attach', id, offset: 0 });
  }
  await disconnect(bench.deps, ALICE);

  expect(bench.memory.all('connections')).toMatchObject([{ connectionId: 'c-phone' }]);
  expect(bench.memory.all('subscriptions').map(({ connectionId }) => connectionId)).toEqual(['c-phone', 'c-phone']);
  expect(bench.memory.all('requests').map(({ status }) => status)).toEqual(['PENDING', 'PENDING']);
});

test('a disconnect that comes late removes nothing of the connection that has the id by now', async () => {
  const later = { ...ALICE, connectedAt: 9_000 };
  await bench.connect(later);
  await bench.request('r1', 1, later);
  await attach(bench.deps, later, { type: 'attach', id: 'r1', offset: 0 });
  await disconnect(bench.deps, ALICE);

  expect(bench.memory.all('connections')).toMatchObject([{ connectedAt: 9_000 }]);
  expect(bench.memory.all('subscriptions')).toMatchObject([{ connectedAt: 9_000 }]);
});

test('a disconnect of an unknown connection does nothing', async () => {
  await expect(disconnect(bench.deps, ALICE)).resolves.toBeUndefined();
});

test.each([
  ['the same one', ALICE, true],
  ['one opened later', { ...ALICE, connectedAt: 9_000 }, false],
  ['one of another tenant', { ...ALICE, tenant: 'evil' }, false],
  ['none', ALICE_PHONE, false],
])('whether it still is the connection that it was: %s', async (_, connection, expected) => {
  await bench.connect(ALICE);

  expect(await bench.memory.transact([stillConnected(connection)])).toBe(expected);
});
