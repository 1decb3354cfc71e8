import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { Engine } from '../../../../local/emulator/dynamodb/engine/engine';
import { LocalStreamReader } from '../../../../local/emulator/dynamodb/engine/stream-reader';
import { type ServedService, serveAlone } from '../../../../local/emulator/http';
import { LambdaHost } from '../../../../local/emulator/lambda';
import { StreamPositions } from '../../../../local/emulator/lambda/event-sources';
import { startIssuer } from '../../../../local/emulator/oidc-issuer';
import { S3Service } from '../../../../local/emulator/s3';
import { SecretsService } from '../../../../local/emulator/secrets-manager';
import { type QueueSpec, SqsService } from '../../../../local/emulator/sqs';
import { RunState } from '../../../../local/emulator/state';
import { FakeClock } from '../../../fakes/fake-clock';

/**
 * The services are killed at different times. A copy of the state on the disk at that time is the state of the next
 * run.
 */

const root = mkdtempSync(join(tmpdir(), 'state-services-'));
const open: RunState[] = [];
let count = 0;
const newFolder = () => join(root, String(count++));

function stateIn(folder: string): RunState {
  const state = RunState.open({ folder });
  open.push(state);
  return state;
}

/** Returns the state of the next run, as if this process had just ended. */
function afterCrash(folder: string): RunState {
  const copy = newFolder();
  cpSync(folder, copy, { recursive: true, filter: (name) => !name.endsWith('lock') });
  return stateIn(copy);
}

const log = () => undefined;

const closeAll = () => {
  for (const state of open.splice(0)) state.close();
};
afterEach(closeAll);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const QUEUE: QueueSpec = {
  queueName: 'Work',
  fifo: false,
  visibilityTimeoutMs: 30_000,
  delayMs: 0,
  retentionMs: 3_600_000,
  redrive: { deadLetterQueueArn: 'arn:aws:sqs:us-east-1:000000000000:Dead', maxReceiveCount: 2 },
};

function queuesOf(state: RunState, clock: FakeClock, spec = QUEUE) {
  const sqs = new SqsService({ accountId: '000000000000', region: 'us-east-1', log, clock, state: state.slot('sqs') });
  for (const one of [spec, { ...spec, queueName: spec.fifo ? 'Dead.fifo' : 'Dead', redrive: undefined }])
    sqs.createQueue(one);
  return sqs;
}

type Step =
  | { readonly do: 'send'; readonly delayMs: number; readonly group: string }
  | { readonly do: 'receive' | 'delete' | 'hide' | 'checkpoint' }
  | { readonly do: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('send' as const),
    delayMs: fc.constantFrom(0, 0, 5000),
    group: fc.constantFrom('a', 'b'),
  }),
  fc.record({ do: fc.constantFrom('receive' as const, 'receive' as const, 'delete' as const, 'hide' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 10_000, 40_000) }),
  fc.record({ do: fc.constant('checkpoint' as const) }),
);

test.each([false, true])('a queue has the same content after a crash as before: FIFO %s', (fifo) => {
  const spec = fifo
    ? { ...QUEUE, queueName: 'Work.fifo', fifo, redrive: undefined, contentBasedDeduplication: true }
    : QUEUE;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const folder = newFolder();
      const clock = new FakeClock(1_000_000);
      const state = stateIn(folder);
      const queue = queuesOf(state, clock, spec).queueByArn(`:${spec.queueName}`);
      state.begin();
      const handles: string[] = [];
      let n = 0;
      for (const one of steps) {
        if (one.do === 'send') {
          queue.send({ body: `m${n++}`, groupId: one.group, ...(fifo ? {} : { delayMs: one.delayMs }) });
        } else if (one.do === 'receive') handles.push(...queue.receive(1).map(({ receiptHandle }) => receiptHandle));
        else if (one.do === 'wait') clock.advance(one.ms);
        else if (one.do === 'checkpoint') state.checkpoint();
        else {
          const handle = handles.shift();
          if (handle === undefined) continue;
          if (one.do === 'delete') queue.delete(handle);
          else expect(() => queue.changeVisibility(handle, 3000)).not.toThrow(TypeError);
        }
      }
      const next = queuesOf(afterCrash(folder), clock, spec);
      const restored = next.queueByArn(`:${spec.queueName}`);
      expect(restored.depth()).toEqual(queue.depth());
      expect(view(restored.kept().messages)).toEqual(view(queue.kept().messages));
      clock.advance(100_000);
      expect(
        restored
          .receive(10)
          .map(({ messageId }) => messageId)
          .sort(),
      ).toEqual(
        queue
          .receive(10)
          .map(({ messageId }) => messageId)
          .sort(),
      );
      closeAll();
    }),
    { numRuns: 60 },
  );
});

/**
 * Returns the parts of a message that a consumer receives. The position in the queue is excluded, because a new run
 * assigns it again.
 */
function view(messages: ReturnType<ReturnType<SqsService['queueByArn']>['kept']>['messages']) {
  return messages.map(({ order, ...message }) => message).sort((a, b) => a.sequence - b.sequence);
}

test('a message that failed too often is in the dead-letter queue after a crash, and a repeated FIFO message is still known', () => {
  const folder = newFolder();
  const clock = new FakeClock(1_000_000);
  const state = stateIn(folder);
  const sqs = queuesOf(state, clock);
  sqs.createQueue({ ...QUEUE, queueName: 'Once.fifo', fifo: true, redrive: undefined });
  state.begin();
  sqs.queueByArn(':Work').send({ body: 'poison' });
  for (let n = 0; n < 3; n++) {
    sqs.queueByArn(':Work').receive(1);
    clock.advance(30_000);
  }
  const once = { body: 'once', groupId: 'g', deduplicationId: 'd' };
  const { messageId } = sqs.queueByArn(':Once.fifo').send(once);
  sqs.queueByArn(':Once.fifo').delete(sqs.queueByArn(':Once.fifo').receive(1)[0].receiptHandle);

  const next = queuesOf(afterCrash(folder), clock);
  next.createQueue({ ...QUEUE, queueName: 'Once.fifo', fifo: true, redrive: undefined });
  expect(
    next
      .queueByArn(':Dead')
      .contents()
      .map(({ body }) => body),
  ).toEqual(['poison']);
  expect(next.queueByArn(':Work').depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  expect(next.queueByArn(':Once.fifo').send(once).messageId).toBe(messageId);
  expect(next.queueByArn(':Once.fifo').contents()).toEqual([]);
});

const TABLE = {
  TableName: 'Things',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'kind', AttributeType: 'S' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byKind',
      KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
};

function engineOf(
  state: RunState,
  clock: FakeClock,
  doneUpTo: (arn: string, shard: string) => string | undefined = () => undefined,
) {
  let ids = 0;
  return new Engine({
    region: 'us-east-1',
    accountId: '000000000000',
    streamShards: 2,
    timeToLiveSweepMs: 1000,
    clock,
    newId: () => String(ids++),
    onCall: () => undefined,
    state: { slot: state.slot('dynamodb'), doneUpTo },
  });
}

const scan = async (engine: Engine, IndexName?: string) => {
  const { Items } = (await engine.execute('DynamoDB.Scan', { TableName: 'Things', IndexName })) as { Items: object[] };
  return Items;
};

async function records(engine: Engine) {
  const { Table } = (await engine.execute('DynamoDB.DescribeTable', { TableName: 'Things' })) as {
    Table: { LatestStreamArn: string };
  };
  const reader = new LocalStreamReader(engine.streams.byArn(Table.LatestStreamArn));
  const shards = await reader.shards();
  const all = await Promise.all(shards.map((shard) => reader.read(shard, 'TRIM_HORIZON', 1000)));
  return all.map(({ records: some }) => some.map(({ eventID, ...record }) => record));
}

test('tables, indexes and streams are the same after a crash as before', async () => {
  const write = fc.record({
    kind: fc.constantFrom('put', 'update', 'delete', 'transact', 'checkpoint'),
    pk: fc.constantFrom('a', 'b', 'c', 'd'),
    value: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 25 }), async (writes) => {
      const folder = newFolder();
      const clock = new FakeClock(1_700_000_000_000);
      const state = stateIn(folder);
      const engine = engineOf(state, clock);
      state.begin();
      await engine.execute('DynamoDB.CreateTable', structuredClone(TABLE));
      for (const { kind, pk, value } of writes) {
        clock.advance(700);
        const Key = { pk: { S: pk } };
        const Item = { ...Key, kind: { S: `k${value}` }, n: { N: String(value) } };
        const TableName = 'Things';
        if (kind === 'put') await engine.execute('DynamoDB.PutItem', { TableName, Item });
        else if (kind === 'delete') await engine.execute('DynamoDB.DeleteItem', { TableName, Key });
        else if (kind === 'checkpoint') state.checkpoint();
        else if (kind === 'transact') {
          const Other = { ...Item, pk: { S: `${pk}2` } };
          await engine.execute('DynamoDB.TransactWriteItems', {
            TransactItems: [{ Put: { TableName, Item } }, { Put: { TableName, Item: Other } }],
          });
        } else {
          const values = { UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': { N: String(value) } } };
          await engine.execute('DynamoDB.UpdateItem', { TableName, Key, ...values });
        }
      }
      const next = engineOf(afterCrash(folder), clock);
      expect(await scan(next)).toEqual(await scan(engine));
      expect(await scan(next, 'byKind')).toEqual(await scan(engine, 'byKind'));
      expect(await records(next)).toEqual(await records(engine));
      await next.execute('DynamoDB.PutItem', { TableName: 'Things', Item: { pk: { S: 'later' } } });
      await engine.execute('DynamoDB.PutItem', { TableName: 'Things', Item: { pk: { S: 'later' } } });
      expect(await records(next)).toEqual(await records(engine));
      engine.close();
      next.close();
      closeAll();
    }),
    { numRuns: 30 },
  );
});

test('a refused write has no effect after a crash, and items that were written before the crash expire', async () => {
  const folder = newFolder();
  const clock = new FakeClock(1_700_000_000_000);
  const state = stateIn(folder);
  const engine = engineOf(state, clock);
  state.begin();
  await engine.execute('DynamoDB.CreateTable', structuredClone(TABLE));
  const TimeToLiveSpecification = { Enabled: true, AttributeName: 'ttl' };
  await engine.execute('DynamoDB.UpdateTimeToLive', { TableName: 'Things', TimeToLiveSpecification });
  const put = (pk: string, ttl: number, more: object = {}) =>
    engine.execute('DynamoDB.PutItem', {
      TableName: 'Things',
      Item: { pk: { S: pk }, ttl: { N: String(ttl) } },
      ...more,
    });
  await put('soon', 1_700_000_010);
  await put('later', 1_800_000_000);
  await expect(put('later', 1, { ConditionExpression: 'attribute_not_exists(pk)' })).rejects.toThrow('conditional');
  engine.close();

  const next = engineOf(afterCrash(folder), clock);
  expect(await scan(next)).toHaveLength(2);
  clock.advance(12_000);
  expect(await scan(next)).toEqual([{ pk: { S: 'later' }, ttl: { N: '1800000000' } }]);
  next.close();
});

test('a checkpoint leaves out stream records that every mapping has settled, and keeps the others', async () => {
  const folder = newFolder();
  const clock = new FakeClock(1_700_000_000_000);
  const state = stateIn(folder);
  const positions = new StreamPositions(state.slot('positions'));
  const engine = engineOf(state, clock, (arn, shard) => positions.doneUpTo(arn, shard));
  state.begin();
  await engine.execute('DynamoDB.CreateTable', structuredClone(TABLE));
  for (let n = 0; n < 8; n++)
    await engine.execute('DynamoDB.PutItem', { TableName: 'Things', Item: { pk: { S: `${n}` } } });
  const before = await records(engine);
  const shard = before.findIndex((some) => some.length > 1);
  const { LatestStreamArn } = (
    (await engine.execute('DynamoDB.DescribeTable', { TableName: 'Things' })) as {
      Table: { LatestStreamArn: string };
    }
  ).Table;
  const shardId = (await new LocalStreamReader(engine.streams.byArn(LatestStreamArn)).shards())[shard];
  const done = before[shard][0].dynamodb.SequenceNumber;
  positions.of('fast', LatestStreamArn).set(shardId, before[shard][1].dynamodb.SequenceNumber);
  positions.of('slow', LatestStreamArn).set(shardId, done);
  state.checkpoint();

  const copy = afterCrash(folder);
  const kept = new StreamPositions(copy.slot('positions'));
  expect(kept.of('slow', LatestStreamArn).get(shardId)).toBe(done);
  const next = engineOf(copy, clock);
  expect(await records(next)).toEqual(before.map((some, i) => (i === shard ? some.slice(1) : some)));
  const reader = new LocalStreamReader(next.streams.byArn(LatestStreamArn));
  const { records: rest } = await reader.read(shardId, { after: done }, 100);
  expect(rest).toHaveLength(before[shard].length - 1);
  engine.close();
  next.close();
});

test('objects are there after a crash with their bytes and headers, deleted ones are not', async () => {
  const folder = newFolder();
  const serve = async (state: RunState) => {
    const s3 = new S3Service({ log, state: { slot: state.slot('s3'), blobs: state.blobs } });
    s3.createBucket('results');
    const server = await serveAlone(s3.api);
    servers.push(server);
    return `${server.url}/results`;
  };
  const headers = { authorization: 'AWS4-HMAC-SHA256 x', 'content-type': 'text/csv', 'x-amz-meta-month': 'May' };
  const state = stateIn(folder);
  const url = await serve(state);
  state.begin();
  for (const [key, body] of [
    ['a.csv', '1,2'],
    ['b.csv', '3'],
    ['a.csv', '1,2,3'],
  ]) {
    expect((await fetch(`${url}/${key}`, { method: 'PUT', headers, body })).status).toBe(200);
  }
  await fetch(`${url}/b.csv`, { method: 'DELETE', headers });

  const next = await serve(afterCrash(folder));
  const answer = await fetch(`${next}/a.csv`, { headers });
  expect(await answer.text()).toBe('1,2,3');
  expect(answer.headers.get('content-type')).toBe('text/csv');
  expect(answer.headers.get('x-amz-meta-month')).toBe('May');
  expect((await fetch(`${next}/b.csv`, { headers })).status).toBe(404);
});

const servers: ServedService[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

test('a generated secret keeps its value; a secret with a value in the template follows the template', () => {
  const folder = newFolder();
  const create = (state: RunState, given: string) => {
    const secrets = new SecretsService({ log, state: state.slot('secrets') });
    secrets.create({ name: 'generated', arn: 'arn:generated-aaaaaa', value: () => `random ${Math.random()}` });
    secrets.create({ name: 'given', arn: 'arn:given-aaaaaa', value: given });
    return secrets;
  };
  const state = stateIn(folder);
  const first = create(state, 'one');
  state.begin();
  const value = first.value('generated');
  first.put('given', 'rotated');

  const same = create(afterCrash(folder), 'one');
  expect([same.value('generated'), same.value('given')]).toEqual([value, 'rotated']);
  const other = create(afterCrash(folder), 'two');
  expect([other.value('generated'), other.value('given')]).toEqual([value, 'two']);
});

test('tokens stay valid: the key that signs is the same', async () => {
  const folder = newFolder();
  const start = async (state: RunState) => {
    const issuers = [{ issuer: 'https://issuer.example.com/', audience: 'a' }];
    const issuer = await startIssuer({ issuers, tlsDir: join(newFolder(), 'tls'), log, state: state.slot('issuer') });
    const token = await issuer.issueToken({ sub: 'ann' });
    await issuer.close();
    return JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString()).kid;
  };
  const state = stateIn(folder);
  const kid = await start(state);
  state.begin();
  expect(await start(afterCrash(folder))).toBe(kid);
});

test('an asynchronous event that was accepted runs after a crash, and credentials stay', async () => {
  const folder = newFolder();
  const hostOf = (state: RunState) =>
    new LambdaHost({ log, state: { credentials: state.slot('credentials'), events: state.slot('events') } });
  const spec = {
    functionName: 'worker',
    functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:worker',
    codeDir: newFolder(),
    handler: 'index.handler',
    runtime: `nodejs${process.versions.node.split('.')[0]}.x`,
    timeoutMs: 1000,
    memoryMb: 128,
    environment: {},
  };
  const state = stateIn(folder);
  const first = hostOf(state);
  first.register(spec);
  state.begin();
  first.invokeAsync('worker', { n: 1 });
  const copy = afterCrash(folder);
  const credentials = first.credentialsOf('worker');
  await first.close();

  const invoked: unknown[] = [];
  const next = hostOf(copy);
  next.invoke = async (_name, event) => {
    invoked.push(event);
    return { ok: true, payload: null, durationMs: 1 };
  };
  next.register(spec);
  expect(next.credentialsOf('worker')).toEqual(credentials);
  next.resumeEvents();
  expect(invoked).toEqual([{ n: 1 }]);
  await new Promise((resolve) => setImmediate(resolve));
  copy.begin();
  expect([...(await Promise.resolve(afterCrashEvents(copy)))]).toEqual([]);
  await next.close();
});

/** Returns the events that are not yet processed. */
function afterCrashEvents(state: RunState): readonly unknown[] {
  return state.slot('events').restore();
}
