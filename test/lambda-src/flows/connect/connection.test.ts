import { subscriptionKey } from '../../../../lambda-src/core/keys';
import { connect, connectionOf, disconnect, join } from '../../../../lambda-src/flows/connect/connection';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { ALICE, ALICE_PHONE, Bench } from '../../support/bench';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

test('a connection is stored with its owner, the expiry of its token and its own time to live', async () => {
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

test('a disconnect removes the connection and its subscriptions, and its requests continue', async () => {
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

test('a late disconnect removes nothing of a newer connection with the same id', async () => {
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
])('a subscription needs the connection that sent the message: %s', async (_, connection, expected) => {
  await bench.connect(ALICE);

  const joined = join(bench.deps, connection, { key: subscriptionKey('log', connection.connectionId) }).then(
    () => true,
    ({ code }) => code !== 'UNAVAILABLE',
  );
  expect(await joined).toBe(expected);
  expect(bench.memory.all('subscriptions')).toHaveLength(expected ? 1 : 0);
});

describe('the owner of a message', () => {
  const of = (authorizer?: Record<string, unknown>) => connectionOf({ connectionId: 'c1', connectedAt: 5, authorizer });

  test('the context of the authorizer names the owner, whatever else is in it', () => {
    const context = { user: 'ann', tenant: 'acme', exp: '1700000600', principalId: 'p', role: 'admin' };

    expect(of(context)).toEqual({
      connectionId: 'c1',
      connectedAt: 5,
      user: 'ann',
      tenant: 'acme',
      authExp: 1_700_000_600,
    });
  });

  test('without a tenant in the context, the owner has the default tenant; without `exp`, the token never expires', () => {
    expect(of({ user: 'ann' })).toEqual({ connectionId: 'c1', connectedAt: 5, user: 'ann', tenant: 'default' });
    expect(of({ user: 'ann', exp: '0' })).not.toHaveProperty('authExp');
  });

  test.each<[what: string, context: Record<string, unknown> | undefined, field: string]>([
    ['no context', undefined, 'user'],
    ['no user', { tenant: 'acme' }, 'user'],
    ['an empty user', { user: '', tenant: 'acme' }, 'user'],
    ['a user that is no text', { user: 7 }, 'user'],
    ['a user too long for a key', { user: 'x'.repeat(257) }, 'user'],
    ['a user that UTF-8 cannot distinguish from others', { user: 'a\ud800' }, 'user'],
    ['an empty tenant', { user: 'ann', tenant: '' }, 'tenant'],
    ['a tenant that is no text', { user: 'ann', tenant: ['acme'] }, 'tenant'],
    ['a tenant too long for a key', { user: 'ann', tenant: 'x'.repeat(257) }, 'tenant'],
    ['a tenant of null, which must not fall to the default one', { user: 'ann', tenant: null }, 'tenant'],
    ['an end that is no number', { user: 'ann', exp: 'tomorrow' }, 'exp'],
    ['an empty end', { user: 'ann', exp: ' ' }, 'exp'],
    ['an end in milliseconds, which would never come', { user: 'ann', exp: '1700000600000' }, 'exp'],
    ['an end before time began', { user: 'ann', exp: -1 }, 'exp'],
    ['an end that is a flag', { user: 'ann', exp: true }, 'exp'],
  ])('a context with %s names no owner', (_, context, field) => {
    expect(() => of(context)).toThrow(new RegExp(`^.*\`${field}\``));
  });

  test('two owners differ even if their names are equal when concatenated', async () => {
    const owners: [string, string][] = [
      ['a#b', 'c'],
      ['a', 'b#c'],
      ['a%23b', 'c'],
      ['a', 'b%23c'],
    ];
    for (const [i, [tenant, user]] of owners.entries())
      await connect(bench.deps, { ...of({ tenant, user }), connectionId: `c${i}` });

    expect(new Set(bench.memory.all('connections').map(({ userKey }) => userKey)).size).toBe(owners.length);
  });
});
