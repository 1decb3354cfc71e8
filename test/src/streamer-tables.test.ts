import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributeType, StreamViewType, Table, type TablePropsV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type IStreamerTables, StreamerApi, StreamerTables } from '../../src';
import { minimalProps } from './support/apps';
import { environmentOf, permissionsOf, resource } from './support/readable';

const { STRING, NUMBER } = AttributeType;
const context = { 'aws:cdk:bundling-stacks': [] };

/** Creates an API in a separate stack, with the given tables. */
function apiOn(tables: (app: App) => IStreamerTables, region?: string) {
  const app = new App({ context });
  const stack = new Stack(app, 'Api', { env: region ? { region, account: '123456789012' } : undefined });
  const api = new StreamerApi(stack, 'Streamer', { ...minimalProps(), tables: tables(app) });
  return { app, stack, api };
}

describe('tables in a stack that lives longer', () => {
  const made = apiOn((app) => new StreamerTables(new Stack(app, 'Data'), 'Tables'));
  const data = Template.fromStack(made.app.node.findChild('Data') as Stack);
  const template = Template.fromStack(made.stack);

  test('an API with separate tables creates no tables', () => {
    data.resourceCountIs('AWS::DynamoDB::GlobalTable', 4);
    template.resourceCountIs('AWS::DynamoDB::GlobalTable', 0);
  });

  test('tables in a stack that lives longer are exposed by the API', () => {
    expect(made.api.tables.requests.node.path).toBe('Data/Tables/Requests/Table');
  });

  test('separate tables have the same protection as tables that an API creates', () => {
    for (const table of Object.values(data.findResources('AWS::DynamoDB::GlobalTable'))) {
      expect(table.DeletionPolicy).toBe('RetainExceptOnCreate');
      expect(table.Properties.Replicas[0]).toMatchObject({
        DeletionProtectionEnabled: false,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
    }
  });

  test('functions get both permissions and names of separate tables', () => {
    const { STREAMER_REQUESTS_TABLE } = environmentOf(template, 'Sweeper');
    expect(STREAMER_REQUESTS_TABLE).toMatchObject({ 'Fn::ImportValue': expect.stringContaining('Requests') });
    expect(permissionsOf(template, 'Sweeper').join('\n')).toContain('dynamodb:GetItem dynamodb:UpdateItem');
  });

  test('the dispatcher reads the stream of separate tables', () => {
    const mappings = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'));
    expect(mappings.map(({ Properties }) => JSON.stringify(Properties.EventSourceArn))).toContainEqual(
      expect.stringMatching(/ImportValue.*StreamArn/),
    );
  });
});

test('tables are retained, except after a first deployment that fails', () => {
  const stack = new Stack(new App(), 'Data');
  new StreamerTables(stack, 'Tables');
  for (const table of Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::GlobalTable'))) {
    expect([table.DeletionPolicy, table.UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
    // If the table were protected, a roll-back could not remove it.
    expect(table.Properties.Replicas[0].DeletionProtectionEnabled).toBe(false);
  }
});

test('properties of the tables are set where the tables are created', () => {
  const stack = new Stack(new App(), 'Data', { env: { region: 'eu-west-1' } });
  const encryptionKey = new Key(stack, 'Key');
  new StreamerTables(stack, 'Tables', {
    removalPolicy: RemovalPolicy.DESTROY,
    deletionProtection: true,
    pointInTimeRecovery: false,
    encryptionKey,
  });
  const { DeletionPolicy, Properties } = resource(
    Template.fromStack(stack),
    'AWS::DynamoDB::GlobalTable',
    'TablesEventsTable',
  );
  expect(DeletionPolicy).toBe('Delete');
  expect(Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
  expect(Properties.Replicas[0]).toMatchObject({
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
    SSESpecification: { KMSMasterKeyId: '<Key.Arn>' },
  });
});

test.each<[props: unknown, message: string]>([
  [null, '`props` must be an object, got: null'],
  [{ removalPolicy: 'keep' }, "`removalPolicy` must be a value of RemovalPolicy, got: 'keep'"],
  [{ deletionProtection: 'yes' }, "`deletionProtection` must be true or false, got: 'yes'"],
  [{ pointInTimeRecovery: 35 }, '`pointInTimeRecovery` must be true or false, got: 35'],
  [{ encryptionKey: 'alias/mine' }, "`encryptionKey` must be a key of KMS, got: 'alias/mine'"],
])('a value that only JavaScript accepts is refused: %j', (props, message) => {
  expect(() => new StreamerTables(new Stack(), 'Tables', props as never)).toThrow(message);
});

test("a customer's key needs a stack with a known region", () => {
  const stack = new Stack();
  expect(() => new StreamerTables(stack, 'Tables', { encryptionKey: new Key(stack, 'Key') })).toThrow(
    "`encryptionKey` must be used in a stack whose region is known, got: 'a stack without one'. Give the stack a region: `new Stack(app, 'Name', { env: { region: 'eu-west-1' } })`",
  );
});

describe('tables that exist', () => {
  const arn = (name: string) => `arn:aws:dynamodb:eu-west-1:123456789012:table/${name}`;
  const imported = (stack: Stack, name: string) => TableV2.fromTableArn(stack, name, arn(name));
  const requests = (stack: Stack) =>
    TableV2.fromTableAttributes(stack, 'r', { tableArn: arn('r'), tableStreamArn: `${arn('r')}/stream/1` });

  test('tables that exist are used by their names and ARNs', () => {
    const { stack } = apiOn((app) => {
      const tables = new Stack(app, 'Tables');
      return StreamerTables.fromTables({
        connections: imported(tables, 'c'),
        requests: requests(tables),
        subscriptions: imported(tables, 's'),
        events: imported(tables, 'e'),
      });
    }, 'eu-west-1');
    const template = Template.fromStack(stack);
    expect(environmentOf(template, 'Sweeper').STREAMER_REQUESTS_TABLE).toBe('r');
    expect(permissionsOf(template, 'Sweeper')).toContain(`Allow dynamodb:Query on ${arn('r')}/index/due`);
    expect(permissionsOf(template, 'Dispatcher').join('\n')).toContain(`on ${arn('r')}/stream/1`);
  });

  test('tables that exist are refused in another region, at the end of synthesis', () => {
    const { app } = apiOn((app) => {
      const tables = new Stack(app, 'Tables');
      return StreamerTables.fromTables({
        connections: imported(tables, 'c'),
        requests: requests(tables),
        subscriptions: imported(tables, 's'),
        events: imported(tables, 'e'),
      });
    }, 'us-east-1');
    expect(() => app.synth()).toThrow("`tables.events` must be in the region of the API, us-east-1, got: 'eu-west-1'");
  });

  test('tables of another account are refused at the end of synthesis', () => {
    const { app } = apiOn((app) => {
      const data = new Stack(app, 'Data', { env: { region: 'eu-west-1', account: '111111111111' } });
      return new StreamerTables(data, 'Tables');
    }, 'eu-west-1');
    expect(() => app.synth()).toThrow(
      "`tables.connections` must be in the account of the API, 123456789012, got: '111111111111'",
    );
  });

  test('existing tables need the ARN of the stream of `requests`', () => {
    const stack = new Stack();
    const tables = {
      connections: imported(stack, 'c'),
      requests: imported(stack, 'r'),
      subscriptions: imported(stack, 's'),
      events: imported(stack, 'e'),
    };
    expect(() => StreamerTables.fromTables(tables)).toThrow('`tables.requests` must have a stream, got: ');
  });

  test.each([
    [undefined, '`tables` must be an object with four tables'],
    [{}, '`tables.connections` must be a table of DynamoDB, got: undefined'],
  ])('all four existing tables must be given, also in JavaScript: %j', (given, message) => {
    expect(() => StreamerTables.fromTables(given as never)).toThrow(message);
  });

  test('the four existing tables must be different', () => {
    const stack = new Stack();
    const one = requests(stack);
    const tables = { connections: one, requests: one, subscriptions: one, events: one };
    expect(() => StreamerTables.fromTables(tables)).toThrow('`tables.requests` must differ from `tables.connections`');
  });
});

describe('tables made in this app', () => {
  const key = (name: string, type = STRING) => ({ name, type });
  const index = (indexName: string, partition: string, sort: string, type = NUMBER) => ({
    indexName,
    partitionKey: key(partition),
    sortKey: key(sort, type),
  });
  const timeToLiveAttribute = 'expiresAt';

  /** The tables as the documentation requires them. They use different constructs of the CDK. */
  const right = {
    connections: {
      partitionKey: key('connectionId'),
      globalSecondaryIndexes: [
        index('byUser', 'userKey', 'connectedAt'),
        index('byTenant', 'tenantShard', 'connectedAt'),
      ],
      timeToLiveAttribute,
    },
    requests: {
      partitionKey: key('requestKey'),
      globalSecondaryIndexes: [index('byUser', 'userKey', 'createdAt'), index('due', 'dueBucket', 'dueAt')],
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute,
    },
    subscriptions: {
      partitionKey: key('channel'),
      sortKey: key('connectionId'),
      globalSecondaryIndexes: [index('byConnection', 'connectionId', 'channel', STRING)],
      timeToLiveAttribute,
    },
    events: { partitionKey: key('logKey'), sortKey: key('offset', NUMBER), timeToLiveAttribute },
  } satisfies Record<string, TablePropsV2>;

  function synth(change: Partial<Record<keyof typeof right, TablePropsV2>>): () => void {
    const all = { ...right, ...change };
    const { app } = apiOn((app) => {
      const stack = new Stack(app, 'Tables');
      return StreamerTables.fromTables({
        connections: new TableV2(stack, 'C', all.connections),
        requests: new TableV2(stack, 'R', all.requests),
        subscriptions: new TableV2(stack, 'S', all.subscriptions),
        events: new TableV2(stack, 'E', all.events),
      });
    });
    return () => void app.synth();
  }

  test('tables of this app are accepted if they match the documentation', () => {
    expect(synth({})).not.toThrow();
  });

  test.each<[what: string, change: Parameters<typeof synth>[0], message: string]>([
    [
      'another partition key',
      { events: { ...right.events, partitionKey: key('id') } },
      "`tables.events` must have the key of logKey (S), offset (N), got: 'id (S), offset (N)'",
    ],
    [
      'a sort key of another type',
      { events: { ...right.events, sortKey: key('offset') } },
      "`tables.events` must have the key of logKey (S), offset (N), got: 'logKey (S), offset (S)'",
    ],
    [
      'a missing index',
      { requests: { ...right.requests, globalSecondaryIndexes: [right.requests.globalSecondaryIndexes[0]] } },
      '`tables.requests` must have the index due of dueBucket (S), dueAt (N), got: ["byUser"]',
    ],
    [
      'an index of other keys',
      {
        subscriptions: {
          ...right.subscriptions,
          globalSecondaryIndexes: [index('byConnection', 'connectionId', 'at', STRING)],
        },
      },
      "`tables.subscriptions` must have the index byConnection of connectionId (S), channel (S), got: 'connectionId (S), at (S)'",
    ],
    [
      'a stream without new images',
      { requests: { ...right.requests, dynamoStream: StreamViewType.KEYS_ONLY } },
      "`tables.requests` must have a stream of NEW_IMAGE or NEW_AND_OLD_IMAGES, got: 'KEYS_ONLY'",
    ],
    [
      'no time to live',
      { connections: { ...right.connections, timeToLiveAttribute: undefined } },
      '`tables.connections` must have the time to live attribute expiresAt, got: undefined',
    ],
  ])('tables of this app are refused with %s', (_what, change, message) => {
    expect(synth(change)).toThrow(message);
  });

  test('tables of this app may use the construct `Table`, whose indexes are added later', () => {
    const { app } = apiOn((app) => {
      const stack = new Stack(app, 'Tables');
      const subscriptions = new Table(stack, 'S', {
        partitionKey: key('channel'),
        sortKey: key('connectionId'),
        timeToLiveAttribute,
      });
      const tables = StreamerTables.fromTables({
        connections: new TableV2(stack, 'C', right.connections),
        requests: new TableV2(stack, 'R', right.requests),
        subscriptions,
        events: new Table(stack, 'E', right.events),
      });
      subscriptions.addGlobalSecondaryIndex(right.subscriptions.globalSecondaryIndexes[0]);
      return tables;
    });
    expect(() => app.synth()).not.toThrow();
  });
});

test('two APIs cannot share tables', () => {
  const { app, stack, api } = apiOn((app) => new StreamerTables(new Stack(app, 'Data'), 'Tables'));
  new StreamerApi(stack, 'Second', { ...minimalProps(), tables: api.tables });
  expect(() => app.synth()).toThrow(
    "[Api/Second] `tables.connections` must belong to one API, got: 'the table of Api/Streamer'. Two APIs would run each other's requests: give each a separate `StreamerTables`",
  );
});
