import { readArguments } from '../../../../local/cli/arguments';
import { parseRequests, REQUESTS_OPTIONS } from '../../../../local/cli/requests/options';
import { runRequests } from '../../../../local/cli/requests/run';
import { age, parseTime } from '../../../../local/cli/requests/time';
import type { RequestOperations, RequestReport } from '../../../../local/operations';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const parse = (...args: string[]) => parseRequests(readArguments(args, REQUESTS_OPTIONS), NOW);
type Request = RequestReport['request'];
const request = (id: string, more: Partial<Request> = {}) =>
  ({
    ...{ requestKey: `acme#ann#${id}`, id, tenant: 'acme', user: 'ann', action: 'report', status: 'FAILED', run: 1 },
    ...{ attempt: 3, maxAttempts: 3, createdAt: NOW, endedAt: NOW + 5_000 },
    outcome: { kind: 'error', error: '{"code":"ODD","message":"Odd.\\u001b[31m"}', deadLetter: true },
    ...more,
  }) as Request;

test.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
])('the time %s is that long ago', (given, ms) => {
  expect(parseTime('since', given, NOW)).toBe(NOW - ms);
  expect(parseTime('since', '2026-01-01', NOW)).toBe(NOW - 86_400_000);
});

test.each([
  [0, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [90 * 60_000, '1h'],
  [50 * 3_600_000, '2d'],
])('the age of %i ms is %s', (ms, expected) => {
  expect(age(ms)).toBe(expected);
});

test('options become a filter, a page and a target', () => {
  expect(parse('list', '--dead', '--action', 'report', '--since', '1h', '--limit', '5', '--json')).toMatchObject({
    verb: 'list',
    filter: { dead: true, action: 'report', from: NOW - 3_600_000 },
    page: { limit: 5 },
    json: true,
  });
  expect(parse('list', '--status', 'failed', '--stack', 'Shop', '--region', 'eu-west-1')).toMatchObject({
    filter: { status: 'FAILED' },
    where: { stack: 'Shop', region: 'eu-west-1' },
  });
});

test('a change of many requests is a dry run unless it is confirmed', () => {
  expect(parse('redrive', '--dead').bulk.dryRun).toBe(true);
  expect(parse('redrive', '--dead', '--yes').bulk.dryRun).toBe(false);
  expect(parse('redrive', '--dead', '--yes', '--dry-run').bulk.dryRun).toBe(true);
});

test.each([
  [['nothing'], 'expected list, show, cancel, redrive, send'],
  [[], 'got: nothing'],
  [['list', 'x'], 'list takes no keys'],
  [['show'], 'expected one key or id'],
  [['redrive'], 'redrive needs keys, or a filter with --dead or --status'],
  [['redrive', '--tenant', 'acme'], 'redrive needs keys, or a filter'],
  [['list', '--status', 'odd'], '--status must be PENDING'],
  [['list', '--since', 'yesterday'], '--since must be a time before now'],
  [['list', '--limit', '0'], '--limit must be a whole number'],
  [['list', '--region', 'x'], '--region needs --stack'],
  [['redrive', 'k#', '--reason', 'x'], '--reason is for cancel'],
  [['send', 'k#'], 'expected a key or id, a name and optional data'],
  [['send', 'k#', 'approve', '{}', 'more'], 'expected a key or id, a name and optional data'],
  [['send', 'k#', 'approve', '--reason', 'x'], '--reason is for cancel'],
  [['cancel', 'k#', '--id', 'x'], '--id is for send'],
])('the command line requests %j is refused', (args, message) => {
  expect(() => parse(...args)).toThrow(message);
});

describe('with operations', () => {
  let out: string[];
  let err: string[];
  let operations: { [Name in keyof RequestOperations]: jest.Mock };
  const io = () => ({
    cwd: '/',
    write: (line: string) => void out.push(line),
    tell: (line: string) => void err.push(line),
    readInput: async () => '{"from":"stdin"}',
    shutdown: () => ({
      signal: new AbortController().signal,
      wanted: Promise.resolve('SIGINT'),
      dispose: () => undefined,
    }),
  });
  const run = (...args: string[]) =>
    runRequests(parse(...args), io(), async () => operations as unknown as RequestOperations);

  beforeEach(() => {
    [out, err] = [[], []];
    operations = {
      list: jest.fn(async () => ({ requests: [request('r1'), request('r2', { run: 2 })], next: '5:k' })),
      show: jest.fn(async () => ({
        request: request('r1', { attempts: [{ run: 1, attempt: 1, startedAt: 1, endedAt: 6, cause: 'Error: x' }] }),
        entries: [],
        input: { n: 1 },
      })),
      cancel: jest.fn(async () => request('r1', { status: 'CANCELLED' })),
      send: jest.fn(async (_key, { id = 'new' }) => id),
      cancelAll: jest.fn(async () => ({ selected: 3, changed: 2, skipped: 1, failed: 0, to: NOW })),
      redrive: jest.fn(async (key: string) => ({ ...request('r1'), requestKey: key, run: 2 })),
      redriveAll: jest.fn(async (_, { onStep }) => {
        onStep({ request: request('r1'), outcome: 'changed' });
        return { selected: 1, changed: 1, skipped: 0, failed: 0, to: NOW };
      }),
    };
  });

  test('a list is a table without control characters, and names the next page', async () => {
    expect(await run('list')).toBe(0);
    expect(out).toHaveLength(3);
    expect(out[0]).toMatch(/STATUS {2}ACTION {2}AGE +TOOK +ATTEMPT +KEY +DETAILS/);
    expect(out[1]).toMatch(/^FAILED {2}report {2}\S+ +5s +3\/3 +acme#ann#r1 +ODD: Odd\./);
    expect(out[2]).toContain('3/3 run 2');
    expect(out.slice(1).join()).not.toContain('\u001b[31m');
    expect(err).toEqual(["there are more: --cursor '5:k'"]);
  });

  test.each<[Partial<Request>, RegExp]>([
    [{ status: 'PENDING', notBefore: Date.now() + 7_230_000 }, /^PENDING .* starts in 2h$/],
    [{ status: 'PENDING', notBefore: 1 }, /^PENDING .*#r1$/],
    [{ status: 'WAITING' }, /^WAITING .* waits for a slot$/],
    [{ status: 'RUNNING', continued: 2 }, /^RUNNING .* slice 3$/],
    [{ status: 'RUNNING', continued: 2, cancelRequested: true }, /^RUNNING .* is being cancelled$/],
  ])('a list shows the state of a request that has not ended: %j', async (more, line) => {
    const live = request('r1', { endedAt: undefined, outcome: undefined, ...more });
    operations.list.mockResolvedValue({ requests: [live] });
    await run('list');
    expect(out[1]).toMatch(line);
  });

  test('a list without requests reports that, and prints nothing for scripts', async () => {
    operations.list.mockResolvedValue({ requests: [] });
    expect(await run('list', '--tenant', 'acme', '--user', 'ann')).toBe(0);
    expect(operations.list).toHaveBeenCalledWith({ tenant: 'acme', user: 'ann' }, {});
    expect([out, err]).toEqual([[], ['no request matches']]);
  });

  test.each([
    [['{"ok":true}'], { data: { ok: true } }, 'new'],
    [['null', '--id', 'm1'], { data: null, id: 'm1' }, 'm1'],
    [['-'], { data: { from: 'stdin' } }, 'new'],
    [[], {}, 'new'],
  ])('a message is sent with the data %j', async (args, message, id) => {
    expect(await run('send', 'acme#ann#r1', 'approve', ...args)).toBe(0);
    expect(operations.send).toHaveBeenCalledWith('acme#ann#r1', { name: 'approve', ...message });
    expect(out).toEqual([`the message ${id} was sent to acme#ann#r1`]);
  });

  test('a message goes to the request of a user by its id, and scripts get its id', async () => {
    operations.list.mockResolvedValue({ requests: [request('r1')] });
    await run('send', 'r1', 'approve', '--tenant', 'acme', '--user', 'ann', '--json');
    expect(operations.list).toHaveBeenLastCalledWith({ id: 'r1', tenant: 'acme', user: 'ann' }, { limit: 10 });
    expect(out.map((line) => JSON.parse(line))).toEqual([{ key: 'acme#ann#r1', id: 'new', name: 'approve' }]);
  });

  test('data that is not JSON is refused before anything is sent', async () => {
    await expect(run('send', 'acme#ann#r1', 'approve', 'yes')).rejects.toThrow('the input must be JSON');
    expect(operations.send).not.toHaveBeenCalled();
  });

  test('a list for scripts is one JSON object per line', async () => {
    await run('list', '--json');
    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { key: 'acme#ann#r1', status: 'FAILED', error: { code: 'ODD' } },
      { key: 'acme#ann#r2', run: 2 },
    ]);
  });

  test('a report shows the input and the history of attempts', async () => {
    expect(await run('show', 'acme#ann#r1')).toBe(0);
    expect(operations.show).toHaveBeenCalledWith('acme#ann#r1');
    expect(out.join('\n')).toContain('{"n":1}');
    expect(out.at(-1)).toMatch(/5 ms +result +Error: x/);
  });

  test('an id alone is looked up, and must be unique', async () => {
    await expect(run('show', 'r1')).rejects.toThrow('several requests have the id r1: acme#ann#r1, acme#ann#r2');
    operations.list.mockResolvedValue({ requests: [request('r1')] });
    await run('show', 'r1', '--tenant', 'acme');
    expect(operations.list).toHaveBeenLastCalledWith({ id: 'r1', tenant: 'acme' }, { limit: 10 });
    operations.list.mockResolvedValue({ requests: [] });
    await expect(run('show', 'r9')).rejects.toThrow('there is no request r9');
  });

  test('keys are redriven one after another; a refusal is reported and the others go on', async () => {
    operations.redrive.mockRejectedValueOnce(new Error('r1 is RUNNING'));
    expect(await run('redrive', 'acme#ann#r1', 'acme#ann#r2')).toBe(1);
    expect([out, err]).toEqual([['acme#ann#r2 starts run 2'], ['acme#ann#r1: r1 is RUNNING']]);
  });

  test('requests are cancelled with a reason, one by one or by a filter', async () => {
    expect(await run('cancel', 'acme#ann#r1', '--reason', 'enough')).toBe(0);
    expect(operations.cancel).toHaveBeenCalledWith('acme#ann#r1', 'enough');
    expect(await run('cancel', '--status', 'PENDING', '--tenant', 'acme', '--yes')).toBe(0);
    expect(operations.cancelAll).toHaveBeenCalledWith(
      { status: 'PENDING', tenant: 'acme' },
      expect.objectContaining({ dryRun: false }),
    );
    expect([out, err]).toEqual([['acme#ann#r1 is CANCELLED'], ['cancelled: 2, skipped: 1, failed: 0']]);
  });

  test('a dry run of named requests prints what would be done, and changes nothing', async () => {
    expect(await run('redrive', 'acme#ann#r1', '--dry-run')).toBe(0);
    expect(await run('cancel', 'acme#ann#r1', '--dry-run')).toBe(0);
    expect(await run('send', 'acme#ann#r1', 'approve', '{}', '--dry-run')).toBe(0);
    expect(out).toEqual([
      'would redrive acme#ann#r1: ODD',
      'would cancel acme#ann#r1: ODD',
      'would send approve to acme#ann#r1: ODD',
    ]);
    for (const change of ['redrive', 'cancel', 'send'] as const) expect(operations[change]).not.toHaveBeenCalled();
  });

  test('a dry run names the requests and how to redrive them', async () => {
    expect(await run('redrive', '--dead', '--action', 'report')).toBe(0);
    expect(operations.redriveAll).toHaveBeenCalledWith(
      { dead: true, action: 'report' },
      expect.objectContaining({ dryRun: true }),
    );
    expect([out, err]).toEqual([
      ['would redrive acme#ann#r1: ODD'],
      ['1 selected; --yes makes the command redrive them'],
    ]);
  });

  test('a confirmed redrive reports its counts', async () => {
    expect(await run('redrive', '--dead', '--yes', '--json')).toBe(0);
    expect(out.map((line) => JSON.parse(line))).toEqual([{ key: 'acme#ann#r1', outcome: 'changed' }]);
    expect(err).toEqual(['redriven: 1, skipped: 0, failed: 0']);
  });
});
