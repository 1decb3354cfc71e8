import * as v from 'valibot';
import { UncertainWrite } from '../../../../lambda-src/core/write';
import { acceptRequest } from '../../../../lambda-src/flows/requests/accept';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { answerSubmission, type SubmitterAction } from '../../../../lambda-src/flows/submit/submit';
import { ALICE, ALICE_PHONE, Bench, MALLORY } from '../../support/bench';

const INVOCATION = '3f1c1f0e-53a5-4b9e-9d7c-2a3a1a1f6f5e';
const actions = new Map<string, SubmitterAction>([
  ['report', { kind: 'async', maxAttempts: 3, priorities: ['high'] }],
  [
    'strict',
    {
      kind: 'async',
      maxAttempts: 5,
      schema: v.object({ year: v.number() }),
      messages: async () => ({ approve: v.object({ ok: v.boolean() }) }),
    },
  ],
  ['echo', { kind: 'sync' }],
]);
const alice = { tenant: 'acme', user: 'alice' };

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

const answer = (event: unknown, invocation = INVOCATION) =>
  answerSubmission({ ...bench.deps, actions }, event, invocation);
const submit = (more: object = {}) => answer({ type: 'submit', action: 'report', input: { n: 1 }, ...alice, ...more });

test('a submission that starts later has that time in its status until then', async () => {
  const notBefore = bench.platform.now() + 3_600_000;

  expect(await submit({ id: 'r1', notBefore })).toMatchObject({ ok: true, status: 'PENDING' });
  expect(await bench.stored()).toMatchObject({ notBefore, pendingSince: notBefore });
  expect(await answer({ type: 'status', id: 'r1', ...alice })).toMatchObject({ status: 'PENDING', notBefore });
});

test('a submission with a priority class is stored with the class', async () => {
  expect(await submit({ id: 'r1', priority: 'high' })).toMatchObject({ ok: true });
  expect(await bench.stored()).toMatchObject({ priority: 'high' });
});

describe('a submission', () => {
  test('a submission is stored like a request of a connection, but without the connection', async () => {
    expect(await submit({ id: 'r1', trace: 't-1' })).toEqual({
      ok: true,
      id: 'r1',
      action: 'report',
      status: 'PENDING',
      createdAt: bench.platform.now(),
      ref: 'id-1',
      epoch: 'id-2',
      run: 1,
      replayed: false,
    });
    const bySubmission = await bench.stored();
    const other = new Bench();
    const message = { type: 'request', id: 'r1', action: 'report', input: { n: 1 }, trace: 't-1' } as const;
    await acceptRequest(other.deps, ALICE, message, { maxAttempts: 3 });
    const { origin, ...byConnection } = await other.stored();

    expect(origin).toBeDefined();
    expect(bySubmission).toEqual(byConnection);
  });

  test('a submission without an id has that of its invocation, because Lambda may repeat it', async () => {
    const first = await submit();
    const again = await submit();

    expect(first).toMatchObject({ ok: true, id: INVOCATION, replayed: false });
    expect(again).toEqual({ ...first, replayed: true });
    expect(bench.memory.all('requests')).toHaveLength(1);
  });

  test('two deliveries of one run of a schedule are one request, and the next run is another request', async () => {
    const key = (time: string) => ({ key: `schedule report nightly ${time}`, input: { at: time } });
    const first = await answer({ type: 'submit', action: 'report', ...alice, ...key('2026-03-01T03:00:00Z') }, 'one');
    const again = await answer({ type: 'submit', action: 'report', ...alice, ...key('2026-03-01T03:00:00Z') }, 'two');
    const next = await answer({ type: 'submit', action: 'report', ...alice, ...key('2026-03-02T03:00:00Z') }, 'three');

    expect(first).toMatchObject({ ok: true, replayed: false });
    expect(again).toEqual({ ...first, replayed: true });
    expect(next).toMatchObject({ ok: true, replayed: false });
    expect(bench.memory.all('requests')).toHaveLength(2);
  });

  test('the largest input that synthesis accepts for a schedule fits into a submission', async () => {
    // test/src/parts/schedules.test.ts expects the same number for an action whose name is equally long.
    const input = 'x'.repeat(32_672 - 2);
    expect(await submit({ key: 'schedule', input })).toMatchObject({ ok: true });
    expect(await submit({ key: 'schedule', input: `${input}x` })).toMatchObject({ ok: false });
  });

  test('a submission without a tenant is one of the default tenant', async () => {
    await submit({ id: 'r1', tenant: undefined });

    expect(bench.memory.all('requests')).toMatchObject([{ requestKey: 'default#alice#r1', tenant: 'default' }]);
  });

  test('a submission needs no input', async () => {
    expect(await submit({ id: 'r1', input: undefined })).toMatchObject({ ok: true });
    expect(await bench.stored()).not.toHaveProperty('input');
  });

  test('a long input of a submission is stored next to the log', async () => {
    await submit({ id: 'r1', input: 'x'.repeat(20_000) });

    expect(bench.memory.all('events')).toMatchObject([{ offset: -2, body: JSON.stringify('x'.repeat(20_000)) }]);
  });

  test('a submission is replayed for the same payload, and refused for another', async () => {
    await submit({ id: 'r1', input: { a: 1, b: 2 } });

    expect(await submit({ id: 'r1', input: { b: 2, a: 1 } })).toMatchObject({ ok: true, replayed: true });
    const refused = { ok: false, error: { code: 'DUPLICATE_REQUEST', retryable: false } };
    expect(await submit({ id: 'r1', input: { a: 2, b: 2 } })).toMatchObject(refused);
    expect(await submit({ id: 'r1', action: 'strict', input: { year: 1 } })).toMatchObject(refused);
  });

  test('two submissions with the same id at the same time are accepted once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => submit({ id: 'r1' })));

    expect(answers.map((each) => 'replayed' in each && each.replayed).filter((replayed) => !replayed)).toHaveLength(1);
    expect(new Set(answers.map((each) => 'epoch' in each && each.epoch)).size).toBe(1);
    expect(bench.memory.all('requests')).toHaveLength(1);
  });

  test('a submission and a request of the same user with the same id are one, whichever comes first', async () => {
    await bench.connect(ALICE);
    await submit({ id: 'r1', input: { n: 1 } });
    await bench.request('r2', { n: 1 });

    expect(await bench.request('r1', { n: 1 })).toMatchObject({ type: 'ack', replayed: true, status: 'PENDING' });
    expect(await submit({ id: 'r2', input: { n: 1 } })).toMatchObject({ replayed: true });
  });

  test('a connection of the same user can attach to a submitted request, and nobody else can', async () => {
    await bench.connect(ALICE, ALICE_PHONE, MALLORY);
    await submit({ id: 'r1' });
    const view = (by: typeof ALICE) => attach(bench.deps, by, { type: 'attach', id: 'r1', offset: 0 });

    expect(await view(ALICE_PHONE)).toMatchObject({ type: 'ack', status: 'PENDING', recovered: true });
    expect(bench.memory.all('subscriptions')).toMatchObject([{ connectionId: 'c-phone' }]);
    await expect(view(MALLORY)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(view({ ...ALICE, user: 'bob' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a rejected submission is reported, and stores nothing', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
  const base = { type: 'submit', action: 'report', ...alice };

  test.each<[what: string, event: unknown, code: string, text?: string]>([
    ['no object', 'submit', 'INVALID_MESSAGE'],
    ['nothing', null, 'INVALID_MESSAGE'],
    ['a list', [base], 'INVALID_MESSAGE'],
    ['no type', { ...base, type: undefined }, 'UNKNOWN_TYPE', 'must be one of submit, status, cancel, list, send'],
    ['another type', { ...base, type: 'redrive' }, 'UNKNOWN_TYPE'],
    ['a type of Object.prototype', { ...base, type: 'toString' }, 'UNKNOWN_TYPE'],
    ['no user', { ...base, user: undefined }, 'INVALID_MESSAGE', '`user` must be a string of 1 to 256 characters'],
    ['an empty user', { ...base, user: '' }, 'INVALID_MESSAGE', '`user`'],
    ['a user that is a number', { ...base, user: 7 }, 'INVALID_MESSAGE', '`user`'],
    ['a user that is a list', { ...base, user: ['alice'] }, 'INVALID_MESSAGE', '`user`'],
    ['a user too long for a key', { ...base, user: 'x'.repeat(257) }, 'INVALID_MESSAGE', '`user`'],
    ['a user with a lone surrogate', { ...base, user: '\ud800' }, 'INVALID_MESSAGE', '`user`'],
    ['an empty tenant', { ...base, tenant: '' }, 'INVALID_MESSAGE', '`tenant`'],
    ['a tenant of null', { ...base, tenant: null }, 'INVALID_MESSAGE', '`tenant`'],
    ['no action', { ...base, action: undefined }, 'INVALID_MESSAGE', '`action`'],
    ['an invalid action', { ...base, action: 'no such' }, 'INVALID_MESSAGE', '`action`'],
    ['an action that there is not', { ...base, action: 'reports' }, 'UNKNOWN_ACTION', 'There is no action reports'],
    ['an action of Object.prototype', { ...base, action: 'constructor' }, 'UNKNOWN_ACTION'],
    ['a sync action', { ...base, action: 'echo' }, 'UNKNOWN_ACTION', 'echo is a sync action'],
    ['an invalid id', { ...base, id: 'a/b' }, 'INVALID_MESSAGE', '`id`'],
    ['an id that is too long', { ...base, id: 'x'.repeat(65) }, 'INVALID_MESSAGE', '`id`'],
    ['an input that its schema refuses', { ...base, action: 'strict', input: {} }, 'INVALID_INPUT', 'year'],
    ['no input where the schema wants one', { ...base, action: 'strict' }, 'INVALID_INPUT'],
    ['an input larger than a frame', { ...base, input: 'x'.repeat(32_768) }, 'MESSAGE_TOO_LARGE', '32768'],
    ['an input that is large in bytes only', { ...base, input: '\u20ac'.repeat(11_000) }, 'MESSAGE_TOO_LARGE'],
    ['an input nested too deep', { ...base, input: deep(40) }, 'TOO_DEEP'],
    ['an input with a key for prototypes', { ...base, input: JSON.parse('{"__proto__":1}') }, 'FORBIDDEN_KEY'],
    ['an input with a lone surrogate', { ...base, input: '\udc00' }, 'INVALID_MESSAGE'],
    ['a start that is no time', { ...base, notBefore: 'now' }, 'INVALID_MESSAGE', 'notBefore'],
    ['a start that lies too far ahead', { ...base, notBefore: 9e15 }, 'INVALID_MESSAGE', '366 days'],
    ['an invalid name of a priority class', { ...base, priority: 1 }, 'INVALID_MESSAGE', 'priority'],
    ['an unknown priority class', { ...base, priority: 'low' }, 'UNKNOWN_PRIORITY', 'report are high'],
    ['a status without an id', { type: 'status', ...alice }, 'INVALID_MESSAGE', '`id`'],
    ['a status of an invalid id', { type: 'status', id: '../r1', ...alice }, 'INVALID_MESSAGE', '`id`'],
  ])('a rejected submission is reported, and stores nothing: %s', async (_, event, code, text = '') => {
    expect(await answer(event)).toEqual({
      ok: false,
      error: expect.objectContaining({ code, message: expect.stringContaining(text), retryable: false }),
    });
    expect(bench.memory.all('requests')).toEqual([]);
    expect(bench.lines).toEqual([{ level: 'warn', message: 'a submission was refused', fields: { code } }]);
  });

  test('a submission that the schema rejects has its issues in the details', async () => {
    expect(await answer({ ...base, action: 'strict', input: { year: 'x' } })).toMatchObject({
      error: { details: { issues: [{ path: 'year' }] } },
    });
  });

  test('a tenant and a user with the same concatenated names are another owner', async () => {
    for (const [tenant, user] of [
      ['acme#alice', 'x'],
      ['acme', 'alice#x'],
      ['acme%23alice', 'x'],
    ])
      expect(await submit({ id: 'r1', tenant, user })).toMatchObject({ ok: true, replayed: false });

    expect(new Set(bench.memory.all('requests').map(({ requestKey }) => requestKey)).size).toBe(3);
  });
});

describe('a message to a request', () => {
  const send = (more: object = {}) =>
    answer({ type: 'send', id: 'm1', request: 'r1', name: 'approve', data: { ok: true }, ...alice, ...more });
  const inbox = () => bench.memory.all('events').filter((item) => item.name !== undefined);
  const refused = (code: string) => ({ ok: false, error: expect.objectContaining({ code, retryable: false }) });

  test('a message is stored once, even if the program or Lambda sends it again', async () => {
    await submit({ id: 'r1' });

    expect([await send(), await send()]).toEqual(Array(2).fill({ ok: true, id: 'm1', request: 'r1' }));
    expect([await send({ id: undefined }), await send({ id: undefined })]).toEqual(
      Array(2).fill({ ok: true, id: INVOCATION, request: 'r1' }),
    );
    expect(inbox()).toMatchObject([
      { offset: 1, messageId: 'm1', name: 'approve', data: '{"ok":true}', sentAt: bench.platform.now() },
      { offset: 2, messageId: INVOCATION },
    ]);
  });

  test('a message must match the schemas of the action, if the action has schemas', async () => {
    await submit({ id: 'r1', action: 'strict', input: { year: 1 } });
    await submit({ id: 'r2' });

    expect(await send({ data: { ok: 'yes' } })).toEqual(refused('INVALID_INPUT'));
    expect(await send({ name: 'aprove' })).toMatchObject({ error: { details: { issues: [{ path: 'name' }] } } });
    expect(await send()).toMatchObject({ ok: true });
    expect(await send({ request: 'r2', name: 'anything', data: undefined })).toMatchObject({ ok: true });
    expect(inbox()).toHaveLength(2);
  });

  test('a message to the request of another user, or to one that has ended, is refused', async () => {
    await submit({ id: 'r1' });

    expect(await send({ user: 'bob' })).toEqual(refused('NOT_FOUND'));
    await answer({ type: 'cancel', id: 'r1', ...alice });
    expect(await send()).toEqual(refused('REQUEST_ENDED'));
    expect(inbox()).toEqual([]);
  });
});

test('an unexpected error is thrown, so that Lambda repeats an asynchronous invocation', async () => {
  bench.beforeStore = () => {
    throw new Error('out of reach');
  };

  await expect(submit()).rejects.toThrow('is unknown');
});

test('an unknown outcome is thrown: the repetition has the same id', async () => {
  const write = () => Promise.reject(new UncertainWrite(new Error('timeout')));
  const deps = { ...bench.deps, store: { ...bench.store, write } };
  const event = { type: 'submit', action: 'report', ...alice };
  const actions = new Map<string, SubmitterAction>([['report', { kind: 'async', maxAttempts: 1 }]]);

  await expect(answerSubmission({ ...deps, actions }, event, INVOCATION)).rejects.toMatchObject({
    code: 'OUTCOME_UNKNOWN',
  });
});

test('a schema that throws is not retried, because it would throw again', async () => {
  const schema = { '~standard': { version: 1, vendor: 'x', validate: () => Promise.reject(new Error('broken')) } };
  const broken = new Map<string, SubmitterAction>([
    ['report', { kind: 'async', maxAttempts: 1, schema: schema as never }],
  ]);
  const event = { type: 'submit', action: 'report', ...alice };

  expect(await answerSubmission({ ...bench.deps, actions: broken }, event, INVOCATION)).toMatchObject({
    ok: false,
    error: { code: 'HANDLER_ERROR', retryable: false },
  });
  expect(bench.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'a submission failed' }));
});
