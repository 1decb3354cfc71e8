import { connectOperations } from '../../local/operations';
import { type E2eRun, startE2e, until } from './run';

jest.setTimeout(300_000);

let e2e: E2eRun;
beforeAll(async () => {
  e2e = await startE2e();
});
afterAll(() => e2e?.close());

const KEY = 'acme#ann#refused';
const FAILS_ONCE = { steps: 2, failOn: [1], failInRuns: [1], failWith: 'shown' as const };

function operations() {
  const { apis, variables, credentials } = e2e.local;
  const [api] = apis;
  if (!api) throw new Error('the app has no API');
  return connectOperations(api, { endpoint: variables.AWS_ENDPOINT_URL_DYNAMODB, region: 'us-east-1', credentials });
}

/** A socket that attached to the request, with the frames that it has received. */
async function viewer(id: string): Promise<{ type: string; offset?: number; run?: number }[]> {
  const socket = e2e.socket(await e2e.token());
  const frames: { type: string; offset?: number; run?: number }[] = [];
  await new Promise((resolve) => socket.once('open', resolve));
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  socket.send(JSON.stringify({ type: 'attach', id, offset: 0 }));
  await until('the answer to the attach', () => frames.some(({ type }) => type === 'ack'));
  return frames;
}

test('an operator finds a request that failed and redrives it while its viewer watches; the client attaches to the new run', async () => {
  const client = e2e.client();
  const failed = client.request('steps', FAILS_ONCE, { id: 'refused' });
  await expect(failed).rejects.toMatchObject({ code: 'NO_DATA' });
  const frames = await viewer('refused');

  const { requests } = await operations().list({ status: 'FAILED', tenant: 'acme' });
  expect(requests.map(({ requestKey }) => requestKey)).toEqual([KEY]);
  expect((await operations().list({ dead: true })).requests).toEqual([]);
  expect(await operations().redrive(KEY)).toMatchObject({ run: 2, status: 'PENDING' });

  await until('the result of the second run', () => frames.some(({ type }) => type === 'result'));
  const next = Number(frames.find(({ type }) => type === 'ack')?.offset);
  const live = frames.filter(({ type, offset }) => type !== 'ack' && Number(offset) >= next);
  expect(live.every(({ run }) => run === 2)).toBe(true);
  // a frame may be sent again: the client drops it by its offset
  const offsets = [...new Set(live.map(({ offset }) => offset))];
  expect(offsets).toEqual(offsets.map((_, index) => next + index));
  await expect(failed).rejects.toMatchObject({ code: 'NO_DATA' });
  await expect(client.attach('steps', { id: 'refused' })).resolves.toMatchObject({ steps: 2, attempt: 1 });

  const { request, entries, result } = await operations().show(KEY);
  expect(request.attempts).toMatchObject([
    { run: 1, attempt: 1, error: { code: 'NO_DATA' } },
    { run: 2, attempt: 1 },
  ]);
  expect(result).toMatchObject({ steps: 2 });
  expect(entries.filter(({ type }) => type !== 'event')).toMatchObject([{ type: 'error' }, { type: 'result' }]);
});

test('an operator answers the question of a running request, and lists the requests of its user', async () => {
  const events: string[] = [];
  const onEvent = ({ name }: { name: string }) => void events.push(name);
  const asked = e2e.client().request('steps', { steps: 1, asks: true }, { id: 'asked', onEvent });
  await until('the question', () => events.includes('question'));
  await operations().send('acme#ann#asked', { name: 'answer', data: { padding: 'approved' } });

  expect(await asked).toMatchObject({ padding: 'approved' });
  const { requests } = await operations().list({ tenant: 'acme', user: 'ann', status: 'COMPLETED' });
  expect(requests.map(({ id }) => id)).toContain('asked');
  expect((await operations().list({ tenant: 'acme', user: 'nobody' })).requests).toEqual([]);
  await expect(operations().send('acme#ann#asked', { name: 'answer' })).rejects.toMatchObject({
    code: 'REQUEST_ENDED',
  });
});

test('a request whose attempts all fail is a dead letter with its causes, and is redriven by a filter', async () => {
  const run = e2e.client().request('steps', { steps: 2, failOn: [1, 2, 3], failInRuns: [1] }, { id: 'broken' });
  await expect(run).rejects.toMatchObject({ code: 'HANDLER_ERROR' });

  const { requests: dead } = await operations().list({ dead: true, action: 'steps' });
  expect(dead).toMatchObject([{ id: 'broken', attempt: 3 }]);
  expect(dead[0]?.attempts?.map(({ cause }) => cause)).toEqual(
    Array(3).fill('Error: secret: [redacted] host is db-17.internal'),
  );
  expect(await operations().redriveAll({ dead: true, action: 'steps' })).toMatchObject({ changed: 1, failed: 0 });
  await expect(e2e.client().attach('steps', { id: 'broken' })).resolves.toMatchObject({ attempt: 1 });
});
