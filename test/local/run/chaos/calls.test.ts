import { FaultPlan, type FaultRule } from '../../../../local/emulator/chaos';
import { type AwsService, RUN, type ServiceCall, type ServiceRequest } from '../../../../local/emulator/http';
import type { FaultyEnvironment } from '../../../../local/emulator/lambda';
import { CallFaults } from '../../../../local/run/chaos/calls';
import { DoomedEnvironments } from '../../../../local/run/chaos/environments';

/** The faults of calls, with the given rules. */
function create(rules: readonly FaultRule[], down: readonly string[] = []) {
  const plan = new FaultPlan(1, { description: '', rules });
  const environments = new DoomedEnvironments(plan);
  return { plan, environments, calls: new CallFaults(plan, environments, (service) => down.includes(service)) };
}

const request = (body: object = {}) => ({ body: Buffer.from(JSON.stringify(body)) }) as ServiceRequest;

function call(action: string, { name = 'router', environment = '1', body = {} } = {}): ServiceCall {
  const credentials = { accessKeyId: 'A', secretAccessKey: 's' };
  const [service = ''] = action.split(':');
  return { service, action, caller: { name, credentials, environment }, request: request(body) };
}

const always = (at: FaultRule['at'], fault: string, more: Partial<FaultRule> = {}) =>
  ({ at, fault, chance: 1, ...more }) as FaultRule;

test.each([
  ['dynamodb:GetItem', 'read'],
  ['dynamodb:Query', 'read'],
  ['dynamodb:TransactGetItems', 'read'],
  ['dynamodb:PutItem', 'write'],
  ['dynamodb:UpdateItem', 'write'],
  ['dynamodb:DeleteItem', 'write'],
  ['dynamodb:TransactWriteItems', 'write'],
  ['sqs:SendMessage', 'send'],
  ['sqs:SendMessageBatch', 'send'],
  ['sqs:ChangeMessageVisibility', 'call'],
  ['s3:PutObject', 'call'],
  ['lambda:InvokeFunction', 'call'],
] as const)('%s suffers from the faults of the place %s', (action, place) => {
  const { plan, calls } = create((['read', 'write', 'send', 'call'] as const).map((at) => always(at, 'error')));
  expect(calls.faultOf(call(action))).toEqual({ outcome: 'error' });
  expect(plan.injected).toEqual({ [`${place} error`]: 1 });
});

test.each([
  ['throttle', { outcome: 'throttle' }],
  ['error', { outcome: 'error' }],
  ['drop', { outcome: 'drop' }],
  ['unanswered', { outcome: 'drop-response' }],
  ['slow', { delayMs: 7 }],
])('the fault %s has its outcome at the entry point', (fault, expected) => {
  const { calls } = create([always('read', fault, { ms: [7, 7] })]);
  expect(calls.faultOf(call('dynamodb:GetItem'))).toEqual(expected);
});

test('the calls of the console and of tests have no faults', () => {
  const { calls } = create([always('read', 'error')], ['dynamodb']);
  expect(calls.faultOf(call('dynamodb:GetItem', { name: RUN }))).toBeUndefined();
});

test('a service in an outage answers no call', () => {
  const { calls } = create([], ['sqs']);
  expect(calls.faultOf(call('sqs:SendMessage'))).toEqual({ outcome: 'error', status: 503 });
  expect(calls.faultOf(call('dynamodb:PutItem'))).toBeUndefined();
});

test('posts have no faults of calls, because the gateway decides about them', () => {
  const { calls } = create([always('call', 'error')]);
  expect(calls.faultOf(call('execute-api:ManageConnections'))).toBeUndefined();
});

function environment(): FaultyEnvironment & { readonly acts: string[] } {
  const acts: string[] = [];
  const kill = () => void acts.push('kill');
  return { functionName: 'router', id: '1', acts, kill, freeze: (ms) => void acts.push(`freeze ${ms}`) };
}

test('an invocation ends at the chosen call of its environment, and other environments continue', () => {
  const { plan, environments, calls } = create([always('invocation', 'kill', { calls: [3, 3] })]);
  const doomed = environment();
  environments.onInvoke('router')?.(doomed);
  const outcomes = Array.from({ length: 4 }, () => calls.faultOf(call('dynamodb:GetItem'))?.outcome);
  expect(calls.faultOf(call('dynamodb:GetItem', { environment: '2' }))).toBeUndefined();
  expect(outcomes).toEqual([undefined, undefined, expect.stringMatching(/^drop(-response)?$/), undefined]);
  expect(doomed.acts).toEqual(['kill']);
  expect(plan.injected).toEqual({ 'invocation kill': 1 });
});

test('a process ends before the effect of a call, or after it', () => {
  const { environments, calls } = create([always('invocation', 'kill')]);
  const outcomes = new Set(
    Array.from({ length: 50 }, () => {
      environments.onInvoke('router')?.(environment());
      return calls.faultOf(call('dynamodb:PutItem'))?.outcome;
    }),
  );
  expect(outcomes).toEqual(new Set(['drop', 'drop-response']));
});

test('a frozen process makes its call after it continues', () => {
  const { environments, calls } = create([always('invocation', 'freeze', { ms: [9, 9] })]);
  const frozen = environment();
  environments.onInvoke('router')?.(frozen);
  expect(calls.faultOf(call('dynamodb:GetItem'))).toBeUndefined();
  expect(frozen.acts).toEqual(['freeze 9']);
});

test('an invocation without a fault is not ended by the fault of the invocation before', () => {
  const { plan, environments, calls } = create([always('invocation', 'kill', { calls: [2, 2] })]);
  const reused = environment();
  environments.onInvoke('router')?.(reused);
  calls.faultOf(call('dynamodb:GetItem'));
  plan.stop();
  environments.onInvoke('router')?.(reused);
  for (let n = 0; n < 5; n++) calls.faultOf(call('dynamodb:GetItem'));
  expect(reused.acts).toEqual([]);
});

test('an invocation is throttled, a process ends in its init, and its clock deviates', () => {
  const rules = [
    always('invocation', 'throttle'),
    always('init', 'kill'),
    always('clock', 'jump', { ms: [-5, -5], calls: [3, 3] }),
  ];
  const { environments } = create(rules);
  const started = environment();
  expect(() => environments.onInvoke('router')).toThrow('a fault throttles router');
  environments.onStart(started);
  expect(started.acts).toEqual(['kill']);
  expect(environments.clockOf()).toEqual({ ms: -5, afterMs: 300 });
});

test('a part of a batch is refused, and the rest is sent', async () => {
  const { plan, calls } = create([always('send', 'partial')]);
  const sent: unknown[] = [];
  const service = {
    name: 'sqs',
    handle: ({ body }: ServiceRequest) => {
      const { Entries } = JSON.parse(String(body)) as { Entries: { Id: string }[] };
      sent.push(...Entries);
      return { status: 200, body: JSON.stringify({ Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] }) };
    },
  } as unknown as AwsService;
  const batch = call('sqs:SendMessageBatch', {
    body: { QueueUrl: 'q', Entries: [{ Id: 'a' }, { Id: 'b' }, { Id: 'c' }] } as never,
  });
  expect(calls.faultOf(batch)).toBeUndefined();
  const { body } = await calls.partial(service).handle(batch.request);
  expect(sent).toEqual([{ Id: 'b' }]);
  expect(JSON.parse(String(body))).toMatchObject({ Successful: [{ Id: 'b' }], Failed: [{ Id: 'a' }, { Id: 'c' }] });
  expect(plan.injected).toEqual({ 'send partial': 1 });
});

test('a batch of one message is sent', async () => {
  const { plan, calls } = create([always('send', 'partial')]);
  const service = {
    name: 'sqs',
    handle: ({ body }: ServiceRequest) => ({ status: 200, body: String(body) }),
  } as unknown as AwsService;
  const batch = call('sqs:SendMessageBatch', { body: { Entries: [{ Id: 'a' }] } as never });
  calls.faultOf(batch);
  expect(JSON.parse(String((await calls.partial(service).handle(batch.request)).body))).toEqual({
    Entries: [{ Id: 'a' }],
  });
  expect(plan.total).toBe(0);
});
