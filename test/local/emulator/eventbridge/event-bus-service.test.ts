import {
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { type BusRule, EventBusService } from '../../../../local/emulator/eventbridge';
import { type ServedService, serveAlone } from '../../../../local/emulator/http';
import type { LogEvent } from '../../../../local/emulator/types';
import { FakeClock } from '../../../fakes/fake-clock';

/** Uses the SDK's client with the event buses of a run. */
let log: LogEvent[];
let buses: EventBusService;
let got: { target: string; event: Record<string, unknown> }[];
let server: ServedService;
let client: EventBridgeClient;

beforeEach(async () => {
  log = [];
  got = [];
  buses = new EventBusService({
    accountId: '123456789012',
    region: 'eu-west-1',
    log: (event) => log.push(event),
    clock: new FakeClock(Date.parse('2026-01-31T10:00:00.500Z')),
  });
  server = await serveAlone(buses.api);
  client = new EventBridgeClient({
    endpoint: server.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await server.close();
});

const target = (name: string) => ({
  name,
  deliver: (json: string) => void got.push({ target: name, event: JSON.parse(json) }),
});

const rule = (overrides: Partial<BusRule> = {}): BusRule => ({
  ruleName: 'r',
  ruleArn: 'arn:aws:events:eu-west-1:123456789012:rule/r',
  pattern: { source: ['shop'] },
  targets: [target('t')],
  ...overrides,
});

const entry = (overrides: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  Source: 'shop',
  DetailType: 'Order',
  Detail: '{"id":1}',
  ...overrides,
});

const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));

test('BUS-10 an event reaches each target of each rule that matches, in the format of EventBridge', async () => {
  buses.addRule(rule({ targets: [target('a'), target('b')] }));
  buses.addRule(rule({ ruleName: 'other', pattern: { source: ['elsewhere'] }, targets: [target('c')] }));

  const { FailedEntryCount, Entries } = await put(entry({ Resources: ['r1'] }));

  expect(FailedEntryCount).toBe(0);
  const event = {
    version: '0',
    id: Entries?.[0]?.EventId,
    'detail-type': 'Order',
    source: 'shop',
    account: '123456789012',
    time: '2026-01-31T10:00:00Z',
    region: 'eu-west-1',
    resources: ['r1'],
    detail: { id: 1 },
  };
  expect(got).toEqual([
    { target: 'a', event },
    { target: 'b', event },
  ]);
});

test('BUS-11 an event reaches the rules of its bus only, which it names by name or ARN', async () => {
  buses.addBus('orders');
  buses.addRule(rule({ busName: 'orders' }));
  buses.addRule(rule({ targets: [target('default')] }));

  await put(
    entry({ EventBusName: 'orders', Detail: '{"id":1}' }),
    entry({ EventBusName: 'arn:aws:events:eu-west-1:123456789012:event-bus/orders', Detail: '{"id":2}' }),
    entry({ Detail: '{"id":3}' }),
  );

  expect(got.map(({ target, event }) => [target, event.detail])).toEqual([
    ['t', { id: 1 }],
    ['t', { id: 2 }],
    ['default', { id: 3 }],
  ]);
});

test('BUS-12 an event for a bus that does not exist is accepted and discarded, with a warning', async () => {
  const { FailedEntryCount } = await put(entry({ EventBusName: 'nowhere' }));
  expect(FailedEntryCount).toBe(0);
  expect(log).toMatchObject([{ level: 'warn', message: 'there is no event bus nowhere: Order is dropped' }]);
});

test('BUS-13 an invalid entry fails without an effect on the others', async () => {
  buses.addRule(rule());

  const { FailedEntryCount, Entries } = await put(
    entry({ Detail: '{"id"' }),
    entry(),
    entry({ Source: undefined }),
    entry({ Source: 'aws.s3' }),
    entry({ Detail: '[1]' }),
  );

  expect(FailedEntryCount).toBe(4);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    'MalformedDetail',
    undefined,
    'InvalidArgument',
    'NotAuthorizedForSourceException',
    'MalformedDetail',
  ]);
  expect(got).toHaveLength(1);
});

test.each([
  ['no entries', []],
  ['eleven entries', Array.from({ length: 11 }, () => entry())],
  ['more than 256 KB', [entry({ Detail: JSON.stringify({ x: 'x'.repeat(256 * 1024) }) })]],
])('BUS-14 %s are refused as a whole', async (_, entries) => {
  buses.addRule(rule());
  await expect(put(...entries)).rejects.toMatchObject({ name: 'ValidationException' });
  expect(got).toEqual([]);
});

test('BUS-15 a time of the entry is the time of the event', async () => {
  buses.addRule(rule());
  await put(entry({ Time: new Date('2025-12-24T18:00:00Z') }));
  expect(got[0]?.event.time).toBe('2025-12-24T18:00:00Z');
});

test('BUS-16 an event that a target does not accept goes to its dead-letter queue, and the other targets get it', async () => {
  const failed: string[] = [];
  const broken = {
    name: 'broken',
    deliver: () => {
      throw new Error('no such queue');
    },
    onFailure: (json: string) => void failed.push(json),
  };
  buses.addRule(rule({ targets: [broken, target('t')] }));

  await put(entry());

  expect(failed.map((json) => JSON.parse(json).detail)).toEqual([{ id: 1 }]);
  expect(got).toHaveLength(1);
  expect(log.map(({ message }) => message)).toContain('r cannot reach broken: no such queue');
});

test('BUS-17 other operations are refused and named', async () => {
  await expect(client.send(new ListRulesCommand({}))).rejects.toMatchObject({ name: 'NotImplementedException' });
  expect(log.map(({ message }) => message)).toEqual(['events (AWSEvents.ListRules) is not emulated by the local run']);
});

test('BUS-18 a rule of a bus that does not exist is refused', () => {
  expect(() => buses.addRule(rule({ busName: 'nowhere' }))).toThrow('there is no event bus nowhere');
});
