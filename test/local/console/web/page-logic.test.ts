import type { Delta, RequestView, Snapshot, TimingSample } from '../../../../local/console/types';
import { withDelta, withSnapshot } from '../../../../local/console/web/live-store';
import { activity } from '../../../../local/console/web/logic/activity';
import { encodeBearer } from '../../../../local/console/web/logic/bearer';
import { requestCommand } from '../../../../local/console/web/logic/command';
import { ago, bytes, duration, plural, prettyJson } from '../../../../local/console/web/logic/format';
import { formatRoute, linkTo, parseRoute } from '../../../../local/console/web/logic/route';
import { visitorSecret } from '../../../../local/console/web/logic/visitor';
import { visitorSecret as visitorSecretOfTheCommand } from '../../../../local/run/from-template/visitors';

describe('the address', () => {
  test('the address contains the view and its parameters, and is read back', () => {
    const route = { view: 'requests' as const, params: { key: 'acme#ann#r&1', q: 'two words' } };
    expect(parseRoute(formatRoute(route))).toEqual(route);
    expect(linkTo('logs', { q: '' })).toBe('#/logs');
  });

  test('an address with an unknown view leads to the overview', () => {
    expect(parseRoute('').view).toBe('overview');
    expect(parseRoute('#/constructor').view).toBe('overview');
    expect(parseRoute('#/queues').params).toEqual({});
  });
});

describe('times and sizes', () => {
  test.each([
    [0.4, '<1 ms'],
    [38.4, '38 ms'],
    [1240, '1.24 s'],
    [12_340, '12.3 s'],
    [59_990, '60.0 s'],
    [125_000, '2 min 5 s'],
    [3_600_000, '1 h 0 min'],
    [90_000_000, '1 d 1 h'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  test('times, sizes and counts are written with their units', () => {
    expect([500, 30_000, 120_000, 7_200_000, 200_000_000].map(ago)).toEqual([
      'now',
      '30 s ago',
      '2 min ago',
      '2 h ago',
      '2 d ago',
    ]);
    expect([12, 2048, 3 * 1024 * 1024].map(bytes)).toEqual(['12 B', '2.0 KB', '3.0 MB']);
    expect([plural(1, 'queue'), plural(0, 'queue')]).toEqual(['1 queue', '0 queues']);
    expect(prettyJson('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(prettyJson('no JSON')).toBe('no JSON');
  });
});

describe('activity', () => {
  const request = (createdAt: number, change: Partial<RequestView> = {}) =>
    ({ createdAt, status: 'COMPLETED', ...change }) as RequestView;

  test('activity counts requests in the bar of their start, and failures in the bar of their end', () => {
    const samples: TimingSample[] = [
      { at: 10_500, kind: 'sync', action: 'echo', ms: 3 },
      { at: 10_600, kind: 'ack', action: 'report', ms: 3 },
    ];
    const requests = [request(10_000), request(11_500, { status: 'FAILED', endedAt: 12_999 }), request(1)];
    const bars = activity(requests, samples, { now: 12_400, bars: 3, barMs: 1000 });
    expect(bars).toEqual([
      { from: 10_000, sync: 1, async: 1, failed: 0 },
      { from: 11_000, sync: 0, async: 1, failed: 0 },
      { from: 12_000, sync: 0, async: 0, failed: 1 },
    ]);
  });
});

describe('the live state', () => {
  const request = (key: string, status = 'RUNNING') => ({ key, status }) as RequestView;
  const snapshot = {
    requests: [request('a'), request('b')],
    logs: [],
    samples: [],
    connections: [],
  } as never as Snapshot;

  test('the live state replaces the changed parts, and keeps the others', () => {
    const before = withSnapshot(snapshot);
    const delta: Delta = { now: 1, requests: { changed: [request('b', 'FAILED'), request('c')], removed: ['a'] } };
    const after = withDelta(before, delta);
    expect([...after.requestsByKey.values()].map(({ key, status }) => [key, status])).toEqual([
      ['b', 'FAILED'],
      ['c', 'RUNNING'],
    ]);
    expect(after.data?.connections).toBe(before.data?.connections);
    expect(after.data?.logs).toBe(before.data?.logs);
  });

  test('the live state keeps no more lines of a source than the run does, and loses no line of other sources', () => {
    const logs = Array.from({ length: 2000 }, (_, seq) => ({ seq, source: 'Chatty' })) as never;
    let state = withDelta(withSnapshot(snapshot), { now: 0, logs: [{ seq: 0, source: 'Quiet' }] as never });
    for (let i = 0; i < 3; i++) state = withDelta(state, { now: i, logs });
    const sources = state.data?.logs.map(({ source }) => source) ?? [];
    expect(sources.filter((source) => source === 'Chatty')).toHaveLength(1500);
    expect(sources[0]).toBe('Quiet');
  });
});

describe('identities', () => {
  test("a visitor's secret is the same as in the command for the same name", async () => {
    expect(await visitorSecret('ann')).toBe(visitorSecretOfTheCommand('ann'));
  });

  test('a token is encoded as a subprotocol', () => {
    const [, encoded] = encodeBearer('tökén.with/plus+').split('.');
    expect(Buffer.from(encoded, 'base64url').toString()).toBe('tökén.with/plus+');
    expect(encoded).toMatch(/^[\w-]+$/);
  });
});

test('a request is converted to a command line, quoted for a shell', () => {
  const url = 'ws://127.0.0.1:4000/v1';
  expect(requestCommand({ action: 'echo', input: '{\n "text": "it\'s" }', url, user: 'ann', tenant: '' })).toBe(
    `npx cdk-streamer request echo '{"text":"it'\\''s"}' --url ws://127.0.0.1:4000/v1 --user ann`,
  );
  expect(requestCommand({ action: 'ping.all', input: '', url, tenant: 'a b' })).toBe(
    "npx cdk-streamer request ping.all --url ws://127.0.0.1:4000/v1 --tenant 'a b'",
  );
});
