import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dynamo, itemsOf } from '../../../local/console/dynamo';
import { RequestHistory } from '../../../local/console/request-history';
import { RequestIndex, requestView } from '../../../local/console/request-index';
import { startDynamoDb } from '../../../local/emulator/dynamodb';
import { RunState } from '../../../local/emulator/state';
import { FakeClock } from '../../fakes/fake-clock';

const TABLES = { requestsTable: 'requests', eventsTable: 'events' };
const CREDENTIALS = { accessKeyId: 'console', secretAccessKey: 'secret' };
const TABLE = {
  tableName: 'requests',
  keySchema: [{ AttributeName: 'requestKey', KeyType: 'HASH' as const }],
  attributeDefinitions: [{ AttributeName: 'requestKey', AttributeType: 'S' as const }],
  streamViewType: 'NEW_IMAGE' as const,
};

const folder = mkdtempSync(join(tmpdir(), 'request-history-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock = new FakeClock();
let streamArn = '';

/**
 * Runs tables and the console's requests with the state in the folder. Event source mappings have processed all
 * records.
 */
async function openRun() {
  const state = RunState.open({ folder });
  const dynamodb = await startDynamoDb({
    clock,
    state: { slot: state.slot('dynamodb'), doneUpTo: () => String(10n ** 30n) },
  });
  if (streamArn === '') streamArn = String((await dynamodb.createTable(TABLE)).streamArn);
  state.begin();
  const dynamo = new Dynamo(dynamodb.url, CREDENTIALS);
  const index = new RequestIndex(clock, () => undefined, new RequestHistory(state.slot('console')));
  index.follow(dynamodb.stream(streamArn), TABLES, () => itemsOf('requests', dynamo));
  const put = async (item: Record<string, string | number>) => {
    const headers = { authorization: 'AWS4-HMAC-SHA256 test', 'x-amz-target': 'DynamoDB_20120810.PutItem' };
    const body = JSON.stringify({ TableName: 'requests', Item: attributes(item) });
    expect(await fetch(dynamodb.url, { method: 'POST', headers, body })).toMatchObject({ ok: true });
  };
  const close = async () => {
    index.close();
    await dynamodb.close();
    state.close();
  };
  return { index, put, close };
}

const attributes = (item: Record<string, string | number>) =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      typeof value === 'number' ? { N: String(value) } : { S: value },
    ]),
  );

const request = (id: string) => ({
  ...{
    requestKey: `acme#ann#${id}`,
    id,
    action: 'report',
    tenant: 'acme',
    user: 'ann',
    epoch: 'e1',
    status: 'PENDING',
  },
  ...{ fence: 0, attempt: 0, maxAttempts: 3, run: 1, createdAt: clock.now() },
});

type Run = Awaited<ReturnType<typeof openRun>>;

async function viewsOf({ index }: Run, statuses: readonly string[]) {
  const views = () => index.all().map((tracked) => requestView(tracked));
  while (
    views()
      .map(({ status }) => status)
      .join() !== statuses.join()
  )
    await new Promise(setImmediate);
  return views().map(({ id, createdAt, startedAt, endedAt }) => ({
    id,
    waited: startedAt === undefined ? undefined : startedAt - createdAt,
    took: endedAt === undefined ? undefined : endedAt - createdAt,
  }));
}

test('each later run lists the requests of the earlier ones with the times at which they changed', async () => {
  const first = await openRun();
  const done = request('done');
  clock.advance(1);
  const cut = request('cut');
  await first.put(done);
  await first.put(cut);
  clock.advance(5);
  await first.put({ ...done, status: 'RUNNING', fence: 1, attempt: 1 });
  clock.advance(20_500);
  await first.put({ ...done, status: 'COMPLETED', fence: 1, attempt: 1 });
  await first.put({ ...cut, status: 'RUNNING', fence: 1, attempt: 1 });
  const seen = await viewsOf(first, ['COMPLETED', 'RUNNING']);
  expect(seen).toEqual([
    { id: 'done', waited: 6, took: 20_506 },
    { id: 'cut', waited: 20_505, took: undefined },
  ]);
  // the console closes before the run's functions have ended
  first.index.close();
  clock.advance(100);
  await first.put({ ...cut, status: 'COMPLETED', fence: 1, attempt: 1 });
  await first.close();

  const after = [
    { id: 'done', waited: 6, took: 20_506 },
    { id: 'cut', waited: 20_505, took: 20_605 },
  ];
  for (let run = 2; run <= 4; run++) {
    clock.advance(60_000);
    const later = await openRun();
    expect(await viewsOf(later, ['COMPLETED', 'COMPLETED'])).toEqual(after);
    expect(later.index.seen).toBe(2);
    await later.close();
  }
});

test('a request of a run without a history has no times, and an id that is used again begins with none', () => {
  const history = new RequestHistory();
  const accepted = { at: 1, status: 'PENDING', attempt: 0, run: 1 } as const;
  history.note('k', 'e1', accepted);
  history.note('k', 'e1', { ...accepted, at: 2 });
  history.note('k', 'e1', { ...accepted, at: 0, attempt: 1 });

  expect(history.of('k', 'e1')).toEqual([accepted]);
  expect(history.of('k', 'e2')).toEqual([]);
});
