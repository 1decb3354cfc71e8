import { App, Duration, Lazy, Size, Stack, Token } from 'aws-cdk-lib';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Code, Function as LambdaFunction, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import {
  type AsyncHandlerOptions,
  Concurrency,
  HandlerMode,
  OnDisconnect,
  StreamerHandler,
  type SyncHandlerOptions,
} from '../../../src';

const stack = new Stack(new App(), 'Test');
const vpc = new Vpc(stack, 'Vpc');
const securityGroups = [new SecurityGroup(stack, 'Group', { vpc })];
const layers = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    LayerVersion.fromLayerVersionArn(stack, `L${count}${at}`, `arn:layer:${at}`),
  );
const fn = new LambdaFunction(stack, 'Fn', {
  runtime: Runtime.PYTHON_3_13,
  handler: 'index.handler',
  code: Code.fromInline('pass'),
  timeout: Duration.minutes(2),
});

const sync = (options: SyncHandlerOptions) => () => StreamerHandler.sync('h.ts', options);
const async = (options: AsyncHandlerOptions) => () => StreamerHandler.async('h.ts', options);
const SERIAL = { scope: 'action', max: 1 };
const wrong = (value: unknown) => value as never;

describe('an async handler is refused', () => {
  test.each<[name: string, options: AsyncHandlerOptions, message: string]>([
    [
      'less reserved than it takes at a time',
      { reservedConcurrency: 5, maxConcurrency: 10 },
      '`reservedConcurrency` must be at least `maxConcurrency` (10), got: 5. Lambda would throttle further messages',
    ],
    [
      'less reserved than Lambda takes at a time',
      { reservedConcurrency: 1 },
      '`reservedConcurrency` must be at least 2, got: 1. A queue may invoke a function twice at a time: reserve 2, and set `maxConcurrency: 1`',
    ],
    [
      'less reserved than Lambda takes at a time, for one attempt at a time',
      { reservedConcurrency: 1, maxConcurrency: 1 },
      '`reservedConcurrency` must be at least 2, got: 1',
    ],
    [
      'more kept initialized than reserved',
      { reservedConcurrency: 5, provisionedConcurrency: 6 },
      '`provisionedConcurrency` must be at most `reservedConcurrency` (5), got: 6. Provisioned executions',
    ],
    ['no executions', { provisionedConcurrency: 0 }, '`provisionedConcurrency` must be a whole number from 1'],
    [
      'subnets of no network',
      { vpcSubnets: { subnetType: SubnetType.PUBLIC } },
      '`vpcSubnets` must come with `vpc`, got: {"subnetType":"Public"}. Set `vpc` to their VPC',
    ],
    ['groups of no network', { securityGroups }, '`securityGroups` must come with `vpc`, got: '],
    ['no group', { vpc, securityGroups: [] }, '`securityGroups` must have at least one entry, got: []. Leave it out'],
    ['an invalid network', { vpc: wrong('vpc-1') }, "`vpc` must be a VPC of aws-cdk-lib/aws-ec2, got: 'vpc-1'"],
    ['too many layers', { layers: layers(6) }, '`layers` must have at most 5 entries, got: 6'],
    ['invalid layers', { layers: wrong(['arn']) }, '`layers` must be an array of layers, got: ["arn"]'],
    [
      'too small a disk',
      { ephemeralStorageSize: Size.mebibytes(511) },
      "`ephemeralStorageSize` must be a Size from 512 MiB to 10 GiB, got: '535822336 bytes'",
    ],
    ['a disk that is no Size', { ephemeralStorageSize: wrong(1024) }, 'for example `Size.gibibytes(…)`'],
    ['a time that is no Duration', { timeout: wrong(30) }, '`timeout` must be a Duration'],
    ['an invalid policy', { initialPolicy: wrong({}) }, '`initialPolicy` must be an array of policy statements'],
    ['an environment of numbers', { environment: wrong({ N: 1 }) }, '`environment.N` must be a string, got: 1'],
    [
      'invalid waits',
      { retry: wrong(5) },
      '`retry` must be an object of properties, got: 5. Known properties: base, cap, maxAttempts',
    ],
    ['invalid options', wrong('x'), "`options` must be an object of options, got: 'x'"],
  ])('an async handler is refused: %s', (_, options, message) => {
    expect(async(options)).toThrow(message);
  });

  test.each([undefined, '', 5, {}])('the path %p', (entry) => {
    expect(() => StreamerHandler.async(wrong(entry))).toThrow(/`entry` must be the path of a handler's module, got: /);
  });
});

describe('a sync handler', () => {
  test.each<[prop: string, options: SyncHandlerOptions]>([
    ['memorySize', { memorySize: 512 }],
    ['timeout', { timeout: Duration.seconds(2) }],
    ['vpc', { vpc }],
    ['layers', { layers: layers(1) }],
    ['reservedConcurrency', { reservedConcurrency: 5 }],
    ['ephemeralStorageSize', { isolated: false, ephemeralStorageSize: Size.gibibytes(1) }],
  ])('a sync handler cannot set %s unless it is isolated', (prop, options) => {
    expect(sync(options)).toThrow(
      new RegExp(`^\`${prop}\` must come with \`isolated: true\`, got: .*set \`isolated: true\`.* or set .*\`router\``),
    );
    expect(sync({ ...options, isolated: true })).not.toThrow();
  });

  test('`isolated` of a sync handler must be a boolean', () => {
    expect(sync({ isolated: wrong('yes') })).toThrow("`isolated` must be true or false, got: 'yes'");
  });

  test('an isolated sync handler must obey the same rules as an async handler', () => {
    expect(sync({ isolated: true, provisionedConcurrency: 2, reservedConcurrency: 1 })).toThrow('must be at most');
    expect(sync({ isolated: true, timeout: Duration.seconds(26) })).toThrow('`timeout` must be from 1 second to 25');
  });
});

describe('a function of the user', () => {
  const timeoutOf = (handler: StreamerHandler) =>
    (handler._kind as unknown as { options: { timeout?: Duration } }).options;

  test("the timeout of a user's function is the function's own, if this app creates it", () => {
    const imported = LambdaFunction.fromFunctionArn(stack, 'Imported', 'arn:aws:lambda:us-east-1:1:function:f');
    expect(timeoutOf(StreamerHandler.fromFunction(fn)).timeout?.toSeconds()).toBe(120);
    expect(timeoutOf(StreamerHandler.fromFunction(imported)).timeout?.toSeconds()).toBe(300);
    expect(timeoutOf(StreamerHandler.fromFunction(fn, { mode: HandlerMode.SYNC })).timeout).toBeUndefined();
  });

  test("the handler's timeout is required if the function's timeout is known only at deployment", () => {
    const later = new LambdaFunction(stack, 'Later', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = () => 1'),
      timeout: Duration.seconds(Token.asNumber({ resolve: () => 5 })),
    });
    expect(() => StreamerHandler.fromFunction(later)).toThrow(
      '`timeout` must be given for a function whose own timeout is known only at deployment, got: undefined. For example',
    );
    const timeout = Duration.seconds(7);
    expect(timeoutOf(StreamerHandler.fromFunction(later, { timeout })).timeout?.toSeconds()).toBe(7);
  });

  test('`fromFunction` refuses a value that is not a function of Lambda', () => {
    expect(() => StreamerHandler.fromFunction(wrong('arn:f'))).toThrow("`fn` must be a Lambda function, got: 'arn:f'");
  });

  test("the mode of a user's function must be SYNC or ASYNC", () => {
    expect(() => StreamerHandler.fromFunction(fn, { mode: wrong('later') })).toThrow(
      "`mode` must be a value of HandlerMode, got: 'later'. Use `HandlerMode.SYNC`",
    );
  });

  test.each([
    { retry: { maxAttempts: 2 } },
    { maxConcurrency: 2 },
    { retry: {} },
  ])('options for retries are refused for a sync function: %p', (options) => {
    expect(() => StreamerHandler.fromFunction(fn, { mode: HandlerMode.SYNC, ...options })).toThrow(
      /^`(retry|maxConcurrency)` must be left out of a function in `HandlerMode.SYNC`, got: .+\. Only async handlers have/,
    );
  });
});

test('in JavaScript, null means that an option is not set', () => {
  expect(async({ layers: wrong(null), securityGroups: wrong(null), initialPolicy: wrong(null) })).not.toThrow();
});

test('a value that is known only at deployment is accepted', () => {
  const number = () => Token.asNumber(Lazy.number({ produce: () => 0 }));
  expect(
    async({
      memorySize: number(),
      ephemeralStorageSize: Size.mebibytes(number()),
      environment: { A: Lazy.string({ produce: () => 'a' }) },
    }),
  ).not.toThrow();
});

test('one attempt at a time is a cap of the action, and the mapping keeps its minimum', () => {
  const kind = StreamerHandler.async('h.ts', { maxConcurrency: 1, reservedConcurrency: 2 })._kind;
  expect(kind).toMatchObject({ options: { maxConcurrency: 2, caps: [SERIAL] } });
  expect(StreamerHandler.async('h.ts', { maxConcurrency: 2 })._kind).toMatchObject({ options: { caps: [] } });
  expect(StreamerHandler.fromFunction(fn, { maxConcurrency: 1 })._kind).toMatchObject({ options: { caps: [SERIAL] } });
});

test('caps are ordered from the narrowest to the widest', () => {
  const concurrency = [Concurrency.perTenant(3), Concurrency.perInput('id', 1), Concurrency.perUser(2)];
  const input = { scope: 'input', property: 'id', max: 1 };
  const caps = [input, { scope: 'user', max: 2 }, { scope: 'tenant', max: 3 }];

  const kindOf = (options: AsyncHandlerOptions) => StreamerHandler.async('h.ts', options)._kind;
  expect(kindOf({ concurrency })).toMatchObject({ options: { caps } });
  expect(kindOf({ concurrency, maxConcurrency: 1 })).toMatchObject({ options: { caps: [...caps, SERIAL] } });
  expect(StreamerHandler.fromFunction(fn, { concurrency })._kind).toMatchObject({ options: { caps } });
});

test('several caps by different properties are accepted', () => {
  expect(async({ concurrency: [Concurrency.perInput('a', 1), Concurrency.perInput('b', 1)] })).not.toThrow();
});

describe('a deadline is refused', () => {
  test.each<[what: string, provoke: () => unknown, message: string]>([
    [
      'below a second',
      async({ deadline: Duration.millis(999) }),
      "`deadline` must be from 1 second to 365 days, got: '999 millis'",
    ],
    ['above a year', async({ deadline: Duration.days(366) }), '`deadline` must be from 1 second to 365 days'],
    [
      'that is a number',
      async({ deadline: wrong(60) }),
      '`deadline` must be a Duration from 1 second to 365 days, got: 60',
    ],
    [
      'of a sync function',
      () => StreamerHandler.fromFunction(fn, { mode: HandlerMode.SYNC, deadline: Duration.minutes(1) }),
      '`deadline` must be left out of a function in `HandlerMode.SYNC`',
    ],
    [
      'of a sync handler',
      sync(wrong({ deadline: Duration.minutes(1) })),
      '`deadline` must be left out of a sync handler',
    ],
  ])('a deadline is refused %s', (_, provoke, message) => {
    expect(provoke).toThrow(message);
  });
});

test('an async handler and an async function may have a deadline that is shorter or longer than their timeout', () => {
  for (const deadline of [Duration.seconds(1), Duration.days(365)]) {
    expect(StreamerHandler.async('h.ts', { deadline })._kind).toMatchObject({ options: { deadline } });
    expect(StreamerHandler.fromFunction(fn, { deadline })._kind).toMatchObject({ options: { deadline } });
  }
});

describe('an option of async handlers', () => {
  const schedule = { name: 'hourly', schedule: ScheduleExpression.rate(Duration.hours(1)), user: 'ann' };
  const options: [prop: string, value: unknown][] = [
    ['schedules', [schedule]],
    ['priorities', { high: {} }],
    ['deadline', Duration.minutes(1)],
    ['concurrency', [Concurrency.perUser(1)]],
    ['maxConcurrency', 5],
    ['retry', { maxAttempts: 1 }],
    ['onDisconnect', OnDisconnect.keepRunning()],
    ['retired', true],
  ];

  test.each(options)('%s is refused for handlers of any sync kind, and the error names the kind', (prop, value) => {
    const only = `Only async handlers have \`${prop}\`: use \``;
    for (const [kind, provoke] of [
      ['a sync handler', sync(wrong({ [prop]: value }))],
      ['an isolated sync handler', sync(wrong({ [prop]: value, isolated: true }))],
      [
        'a function in `HandlerMode.SYNC`',
        () => StreamerHandler.fromFunction(fn, wrong({ mode: HandlerMode.SYNC, [prop]: value })),
      ],
    ] as const) {
      expect(provoke).toThrow(`\`${prop}\` must be left out of ${kind}, got: `);
      expect(provoke).toThrow(only);
    }
  });

  test.each([
    'debounce',
    'processAfter',
  ])('%s is refused for each handler, because it is an option of a request', (prop) => {
    const message = `\`${prop}\` must be an option of a request, not of a handler`;
    const given = wrong({ [prop]: { key: 'k', waitMs: 1 } });
    for (const provoke of [sync(given), async(given), () => StreamerHandler.fromFunction(fn, given)]) {
      expect(provoke).toThrow(message);
      expect(provoke).toThrow(`Only requests of async handlers have \`${prop}\``);
    }
  });
});

describe('a reaction to a disconnect is refused', () => {
  test.each<[what: string, provoke: () => unknown, message: string]>([
    [
      'after more than an hour',
      () => OnDisconnect.cancelAfter(Duration.minutes(61)),
      '`OnDisconnect.cancelAfter(delay)` must be from 0 seconds to 1 hour',
    ],
    [
      'without a time',
      () => OnDisconnect.cancelAfter(wrong(undefined)),
      '`OnDisconnect.cancelAfter(delay)` must be a Duration, got: undefined',
    ],
    [
      'after a number',
      () => OnDisconnect.cancelAfter(wrong(5)),
      '`OnDisconnect.cancelAfter(delay)` must be a Duration from 0 seconds to 1 hour',
    ],
    [
      'that is a duration',
      async({ onDisconnect: wrong(Duration.minutes(1)) }),
      '`onDisconnect` must be a value of OnDisconnect, got: ',
    ],
    [
      'that is a function which was not called',
      async({ onDisconnect: wrong(OnDisconnect.keepRunning) }),
      '`onDisconnect` must be a value of OnDisconnect, got: a function (keepRunning). Call the function: `OnDisconnect.keepRunning()`',
    ],
    [
      'that is a string',
      async({ onDisconnect: wrong('cancel') }),
      "`onDisconnect` must be a value of OnDisconnect, got: 'cancel'. Use `OnDisconnect.cancelAfter(Duration.minutes(1))`",
    ],
    [
      'of a sync function',
      () => StreamerHandler.fromFunction(fn, { mode: HandlerMode.SYNC, onDisconnect: OnDisconnect.keepRunning() }),
      '`onDisconnect` must be left out of a function in `HandlerMode.SYNC`',
    ],
  ])('a reaction to a disconnect is refused %s', (_, provoke, message) => {
    expect(provoke).toThrow(message);
  });
});

test.each<[OnDisconnect | undefined, number | undefined]>([
  [undefined, undefined],
  [OnDisconnect.keepRunning(), undefined],
  [OnDisconnect.cancelAfter(Duration.seconds(0)), 0],
  [OnDisconnect.cancelAfter(Duration.hours(1)), 3_600_000],
])('%#: a handler and a function have the time after which requests without viewers are cancelled', (onDisconnect, cancelAfterMs) => {
  const options = { cancelAfterMs };
  expect(StreamerHandler.async('h.ts', { onDisconnect })._kind).toMatchObject({ options });
  expect(StreamerHandler.fromFunction(fn, { onDisconnect })._kind).toMatchObject({ options });
});

describe('a cap is refused', () => {
  test.each<[what: string, provoke: () => unknown, message: string]>([
    ['of 0', () => Concurrency.perTenant(0), '`max` must be a whole number from 1 to 100, got: 0'],
    ['of 101', () => Concurrency.perUser(101), '`max` must be a whole number from 1 to 100, got: 101'],
    ['without a number', () => Concurrency.perUser(wrong(undefined)), '`max` must be a number, got: undefined'],
    ['by no property', () => Concurrency.perInput('', 1), '`property` must be the name of a property of the input'],
    [
      'without a property',
      () => Concurrency.perInput(wrong(undefined), 1),
      '`property` must be the name of a property',
    ],
    [
      'that is no list',
      async({ concurrency: wrong(Concurrency.perUser(1)) }),
      '`concurrency` must be an array, got: an object of class Concurrency. For example `[Concurrency.perTenant(3)]`',
    ],
    [
      'that is a number',
      async({ concurrency: wrong([3]) }),
      '`concurrency` must contain only values of Concurrency, got: 3',
    ],
    [
      'twice',
      async({ concurrency: [Concurrency.perUser(1), Concurrency.perUser(2)] }),
      '`concurrency` must have at most one maximum of each kind',
    ],
    [
      'of a sync function',
      () => StreamerHandler.fromFunction(fn, { mode: HandlerMode.SYNC, concurrency: [] }),
      '`concurrency` must be left out of a function in `HandlerMode.SYNC`',
    ],
  ])('a cap is refused %s', (_, provoke, message) => {
    expect(provoke).toThrow(message);
  });
});

test('the maximum concurrency is not above the reserved concurrency', () => {
  const kind = StreamerHandler.async('h.ts', { reservedConcurrency: 8 })._kind;
  expect(kind).toMatchObject({ options: { maxConcurrency: 8 } });
});
