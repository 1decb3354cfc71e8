import { loadAssembly } from '../../../../local/emulator/assembly';
import { EventBusService } from '../../../../local/emulator/eventbridge';
import { SecretsService } from '../../../../local/emulator/secrets-manager';
import { addBusRules, createBuses } from '../../../../local/run/from-template/event-buses';
import { createSecrets } from '../../../../local/run/from-template/secrets';
import { removeAssemblies, writeAssembly } from '../../emulator/assembly/write-assembly';

/** Rules, buses and secrets of hand-written templates. */
afterEach(removeAssemblies);

const load = (Resources: object) => loadAssembly(writeAssembly({ App: { template: { Resources } } }));
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const rule = (Properties: object) => ({
  Type: 'AWS::Events::Rule',
  Properties: { EventPattern: { source: ['shop'] }, ...Properties },
});

const PARTS = {
  F: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'worker' } },
  Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'queue' } },
};

/** Adds the template's rules and puts one event on a bus. Returns the inputs that the targets received. */
function run(resources: object, busName?: string) {
  const assembly = load({ ...PARTS, ...resources });
  const buses = new EventBusService({ accountId: '000000000000', region: 'us-east-1', log: () => undefined });
  createBuses(assembly, buses);
  const reached: unknown[] = [];
  const { warnings, added } = addBusRules(assembly, buses, {
    invoker: {
      invoke: () => Promise.reject(new Error('rules invoke asynchronously')),
      invokeAsync: (name, event) => void reached.push([name, event]),
    },
    runs: (name) => name === 'worker',
    nameOf: (name) => name,
    send: (queueArn, body, group) => {
      if (!queueArn.endsWith(':queue')) throw new Error('no such queue');
      reached.push([queueArn.split(':').at(-1), JSON.parse(body), group]);
    },
    deliver: (destination, body) => void reached.push(['dead', destination.split(':').at(-1), body]),
  });
  buses.put([{ EventBusName: busName, Source: 'shop', DetailType: 'Order', Detail: '{"id":7}' }]);
  return { reached, warnings, added: added.map(({ ruleName }) => ruleName) };
}

const INPUT = { Input: '{"x":1}' };

test('a rule reaches functions, aliases and queues, each with its input', () => {
  const { reached, warnings } = run({
    A: { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: 'F' }, Name: 'live' } },
    R: rule({
      Targets: [
        { Id: '1', Arn: arn('F'), ...INPUT },
        { Id: '2', Arn: { Ref: 'A' }, InputPath: '$.detail' },
        { Id: '3', Arn: arn('Q'), SqsParameters: { MessageGroupId: 'g' }, ...INPUT },
        {
          Id: '4',
          Arn: arn('Q'),
          InputTransformer: { InputPathsMap: { id: '$.detail.id' }, InputTemplate: '{"order":<id>}' },
        },
      ],
    }),
  });
  expect(warnings).toEqual([]);
  expect(reached).toEqual([
    ['worker', { x: 1 }],
    ['worker', { id: 7 }],
    ['queue', { x: 1 }, 'g'],
    ['queue', { order: 7 }, undefined],
  ]);
});

test('a rule belongs to its bus, by name or ARN; the names of both are those of AWS', () => {
  const resources = {
    B: { Type: 'AWS::Events::EventBus', Properties: { Name: 'orders' } },
    R1: rule({ Name: 'one', EventBusName: { Ref: 'B' }, Targets: [{ Id: '1', Arn: arn('F'), Input: '1' }] }),
    R2: rule({ Name: 'two', EventBusName: arn('B'), Targets: [{ Id: '1', Arn: arn('F'), Input: '2' }] }),
    R3: rule({ Name: 'three', Targets: [{ Id: '1', Arn: arn('F'), Input: '3' }] }),
  };
  expect(run(resources, 'orders').reached).toEqual([
    ['worker', 1],
    ['worker', 2],
  ]);
  expect(run(resources).reached).toEqual([['worker', 3]]);
  const { resources: made } = load({ ...PARTS, ...resources });
  const [custom, plain] = ['R1', 'R3'].map((id) => made.find(({ logicalId }) => logicalId === id));
  expect([custom?.ref(), custom?.attribute('Arn')]).toEqual([
    'orders|one',
    'arn:aws:events:us-east-1:000000000000:rule/orders/one',
  ]);
  expect([plain?.ref(), plain?.attribute('Arn')]).toEqual([
    'three',
    'arn:aws:events:us-east-1:000000000000:rule/three',
  ]);
});

test('BUS-18 a rule that cannot run is named, and the others run', () => {
  const targets = [{ Id: '1', Arn: arn('F'), ...INPUT }];
  const { reached, warnings, added } = run({
    Pattern: rule({ EventPattern: { source: [{ like: 'x' }] }, Targets: targets }),
    Bus: rule({ EventBusName: 'elsewhere', Targets: targets }),
    Path: rule({ Targets: [{ Id: '1', Arn: arn('F'), InputPath: '$..id' }] }),
    Target: rule({
      Name: 'target',
      Targets: [{ Id: '1', Arn: 'arn:aws:sns:us-east-1:000000000000:topic' }, ...targets],
    }),
    Off: rule({ State: 'DISABLED', Targets: targets }),
    Schedule: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'rate(1 minute)', Targets: targets } },
  });
  expect(added).toEqual(['target']);
  expect(reached).toEqual([['worker', { x: 1 }]]);
  expect(warnings).toEqual([
    'App/Pattern is not run: the filter operator `like` is not supported',
    'App/Bus is not run: there is no event bus elsewhere',
    'App/Path is not run: not a JSON path that EventBridge accepts: $..id',
    'App/Target does not reach arn:aws:sns:us-east-1:000000000000:topic, which is neither a function nor a queue of the local run',
  ]);
});

test('BUS-16 an event that a target does not accept goes to its dead-letter queue', () => {
  const lost = 'arn:aws:sqs:us-east-1:000000000000:lost';
  const { reached } = run({
    R: rule({ Targets: [{ Id: '1', Arn: lost, DeadLetterConfig: { Arn: arn('Q') }, ...INPUT }] }),
  });
  expect(reached).toEqual([['dead', 'queue', { x: 1 }]]);
});

describe('secrets', () => {
  const secretOf = (properties: object) => {
    const assembly = load({ S: { Type: 'AWS::SecretsManager::Secret', Properties: properties } });
    const secrets = new SecretsService({ log: () => undefined });
    createSecrets(assembly, secrets);
    return { secrets, arn: assembly.resources[0]?.ref() ?? '' };
  };

  test('a given value is the value, under the given name', () => {
    const { secrets, arn } = secretOf({ Name: 'a/b', SecretString: 'given' });
    expect(secrets.value('a/b')).toBe('given');
    expect(secrets.value(arn)).toBe('given');
    expect(arn).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:a\/b-\w{6}$/);
  });

  test('a generated value is inserted into the template of the secret', () => {
    const { secrets, arn } = secretOf({
      GenerateSecretString: {
        SecretStringTemplate: '{"user":"ann"}',
        GenerateStringKey: 'password',
        PasswordLength: 12,
        ExcludePunctuation: 'true',
      },
    });
    expect(JSON.parse(secrets.value(arn))).toEqual({
      user: 'ann',
      password: expect.stringMatching(/^[A-Za-z0-9]{12}$/),
    });
  });

  test('rules that allow no value are refused with the resource', () => {
    expect(() => secretOf({ GenerateSecretString: { PasswordLength: 2 } })).toThrow(
      'App/S.GenerateSecretString: a password of 2 cannot have 4 kinds',
    );
  });
});
