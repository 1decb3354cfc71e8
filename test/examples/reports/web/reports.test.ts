import type { ConnectionState, StateListener } from 'cdk-streamer-client';
import { StreamerError } from 'cdk-streamer-client';
import { History } from '../../../../examples/reports/web/src/history';
import { Reports, type ReportsClient } from '../../../../examples/reports/web/src/reports';
import { MemoryStorage } from './memory-storage';

const input = { startDate: '2001-01-01', endDate: '2001-01-31' };
const result = { url: 'https://x/', size: 1, rows: 2, pages: 3, title: 't' };

interface Call {
  kind: 'request' | 'attach';
  to: { id?: string; offset?: number; epoch?: string; percentage?: number };
  input?: unknown;
  options: Parameters<ReportsClient['attach']>[2];
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** Replaces the client: records each call, whose result the test decides. `echo` is answered at once. */
class FakeClient {
  state: ConnectionState = 'disconnected';
  readonly calls: Call[] = [];
  private listener: StateListener = () => {};

  on(_: 'state', listener: StateListener): () => void {
    this.listener = listener;
    return () => {};
  }

  /** Rows of the server's list. */
  listed: object[] = [];

  async connect(): Promise<void> {}

  async requests(): Promise<object> {
    return { requests: this.listed };
  }

  readonly cancelled: string[] = [];
  /** Result of `cancel`. A test of a refusal replaces it. */
  cancelling: () => Promise<void> = async () => {};

  async cancel(id: string): Promise<void> {
    this.cancelled.push(id);
    await this.cancelling();
  }

  readonly sent: unknown[][] = [];
  /** Result of `send`. A test of a refusal replaces it. */
  sending: () => Promise<void> = async () => {};

  async send(...message: unknown[]): Promise<void> {
    this.sent.push(message);
    await this.sending();
  }

  request(action: string, value: unknown, options: Call['options'] & { id?: string }): Promise<unknown> {
    return action === 'echo' ? Promise.resolve(value) : this.keep('request', { id: options?.id }, options, value);
  }

  attach(_: string, to: Call['to'], options: Call['options']): Promise<unknown> {
    return this.keep('attach', to, options);
  }

  changeState(...args: Parameters<StateListener>): void {
    this.state = args[0];
    this.listener(...args);
  }

  private keep(kind: Call['kind'], to: Call['to'], options: Call['options'], value?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => this.calls.push({ kind, to, options, input: value, resolve, reject }));
  }
}

/** Opens the page with a new client, and with a storage that an earlier page may have used. */
function openPage(storage: MemoryStorage) {
  const client = new FakeClient();
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const reports = new Reports({ client: client as never, history: new History(storage), now: () => 1000, newId });
  reports.resume();
  return { client, reports, entry: (id: string) => reports.current().entries.find((each) => each.id === id) };
}

const snapshot = (offset: number, percentage: number, attempt = 1) =>
  ({
    id: 'id-1',
    action: 'generate_report',
    status: 'RUNNING',
    offset,
    epoch: 'e1',
    run: 1,
    attempt,
    fence: attempt,
    percentage,
  }) as const;

const settled = () => new Promise((resolve) => setImmediate(resolve));

let storage: MemoryStorage;
beforeEach(() => {
  storage = new MemoryStorage();
});

test('a new request is stored before it is sent, under the id it is sent with', () => {
  const { client, reports } = openPage(storage);
  expect(reports.start(input)).toBe('id-1');
  expect(storage.getItem('reports.request.id-1')).toContain('"PENDING"');
  expect(client.calls).toMatchObject([{ kind: 'request', to: { id: 'id-1' }, input }]);
});

test('progress, pages and the result arrive in the view', async () => {
  const { client, reports, entry } = openPage(storage);
  reports.start(input);
  const [{ options, resolve }] = client.calls;
  options?.onProgress?.({ percentage: 40, run: 1, attempt: 1, message: 'half' });
  options?.onEvent?.({ name: 'section', offset: 1, data: { name: 'trend', title: 'Trend', page: 2, pages: 6 } });
  expect(entry('id-1')).toMatchObject({ percentage: 40, message: 'half', sections: [{ page: 2, title: 'Trend' }] });
  resolve(result);
  await settled();
  expect(entry('id-1')).toMatchObject({ status: 'COMPLETED', percentage: 100, result, finishedAt: 1000 });
});

test('a stopped request is stopping until its end arrives', async () => {
  const { client, reports, entry } = openPage(storage);
  reports.start(input);
  await reports.stop('id-1');
  expect(client.cancelled).toEqual(['id-1']);
  expect(reports.current().stopping).toEqual(new Set(['id-1']));
  client.calls[0].reject(new StreamerError('CANCELLED', 'The request was cancelled.'));
  await settled();
  expect(reports.current().stopping).toEqual(new Set());
  expect(entry('id-1')).toMatchObject({ status: 'CANCELLED', finishedAt: 1000 });
});

test('a request that could not be stopped goes on, and the page shows why', async () => {
  const { client, reports, entry } = openPage(storage);
  client.cancelling = () => Promise.reject(new StreamerError('CLIENT_CLOSED', 'This client was closed.'));
  reports.start(input);
  await reports.stop('id-1');
  expect(reports.current().stopping).toEqual(new Set());
  expect(reports.current().interrupted.get('id-1')).toMatchObject({ code: 'CLIENT_CLOSED' });
  expect(entry('id-1')?.status).toBe('PENDING');
});

describe('the question of a report', () => {
  const approval = { flights: 10, groups: 2, until: 5_000 };
  function asked() {
    const page = openPage(storage);
    page.reports.start(input);
    const { options } = page.client.calls[0];
    options?.onEvent?.({ name: 'approval', offset: 1, data: approval });
    return { ...page, answered: () => options?.onEvent?.({ name: 'answer', offset: 2, data: { approved: true } }) };
  }

  test('an answer is sent once, and the question stays until the report has read it', async () => {
    const { client, reports, entry, answered } = asked();
    expect(entry('id-1')).toMatchObject({ approval });
    await reports.answer('id-1', true);
    expect(client.sent).toEqual([['generate_report', 'id-1', 'approval', { approved: true }]]);
    expect([entry('id-1')?.approval, reports.current().answering]).toEqual([approval, new Set(['id-1'])]);
    answered();
    expect([entry('id-1')?.approval, reports.current().answering]).toEqual([undefined, new Set()]);
  });

  test('a page removes a question that another device answers, and a reloaded page shows an open question again', () => {
    const { entry, answered } = asked();
    expect(openPage(storage).entry('id-1')).toMatchObject({ approval });
    answered();
    expect(entry('id-1')?.approval).toBeUndefined();
    expect(openPage(storage).entry('id-1')?.approval).toBeUndefined();
  });

  test('a page that answers too late waits for the end of the report, and shows any other refusal', async () => {
    const { client, reports, entry } = asked();
    client.sending = () => Promise.reject(new StreamerError('REQUEST_ENDED', 'It has ended.'));
    await reports.answer('id-1', true);
    expect([reports.current().interrupted.size, reports.current().answering.size]).toEqual([0, 0]);
    client.sending = () => Promise.reject(new StreamerError('CLIENT_CLOSED', 'This client was closed.'));
    await reports.answer('id-1', true);
    expect(reports.current().interrupted.get('id-1')).toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(reports.current().answering.size).toBe(0);

    client.calls[0].reject(new StreamerError('NOT_APPROVED', 'Nobody.'));
    await settled();
    expect(entry('id-1')).toMatchObject({ status: 'FAILED', error: { code: 'NOT_APPROVED' } });
    expect(entry('id-1')?.approval).toBeUndefined();
  });
});

test('a reloaded page attaches where the earlier one was, and its percentage does not fall', async () => {
  const before = openPage(storage);
  before.reports.start(input);
  before.client.calls[0].options?.onState?.(snapshot(3, 52));

  const { client, entry } = openPage(storage);
  expect(client.calls).toMatchObject([{ kind: 'attach', to: { id: 'id-1', offset: 3, epoch: 'e1', percentage: 52 } }]);
  expect(entry('id-1')?.percentage).toBe(52);
  client.calls[0].options?.onProgress?.({ percentage: 51, run: 1, attempt: 1 });
  expect(entry('id-1')?.percentage).toBe(52);
  client.calls[0].resolve(result);
  await settled();
  expect(entry('id-1')?.result).toEqual(result);
  expect(openPage(storage).client.calls).toEqual([]);
});

test('a page reloaded before the server answered sends the same request again', () => {
  openPage(storage).reports.start(input);
  expect(openPage(storage).client.calls).toMatchObject([{ kind: 'request', to: { id: 'id-1' }, input }]);
});

test('an error of the server ends the request; the page remembers which', async () => {
  const { client, reports } = openPage(storage);
  reports.start(input);
  client.calls[0].reject(new StreamerError('HANDLER_ERROR', 'It failed.'));
  await settled();
  expect(openPage(storage).entry('id-1')).toMatchObject({ status: 'FAILED', error: { code: 'HANDLER_ERROR' } });
});

test('a connection that cannot be made ends nothing: the request can be waited for again', async () => {
  const { client, reports, entry } = openPage(storage);
  reports.start(input);
  client.calls[0].options?.onState?.(snapshot(1, 10));
  client.calls[0].reject(new StreamerError('UNAUTHORIZED', 'No.'));
  await settled();
  expect(reports.current().interrupted.get('id-1')).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(entry('id-1')?.error).toBeUndefined();

  reports.retry('id-1');
  expect(client.calls[1]).toMatchObject({ kind: 'attach', to: { id: 'id-1', offset: 1 } });
  expect(reports.current().interrupted.size).toBe(0);
});

test('resuming twice does not wait twice', () => {
  const { client, reports } = openPage(storage);
  reports.start(input);
  reports.resume();
  expect(client.calls).toHaveLength(1);
});

test('a tab shows what another tab asked for, waits for it too, and keeps one result', async () => {
  const [first, second] = [openPage(storage), openPage(storage)];
  first.reports.start(input);
  first.client.calls[0].options?.onState?.(snapshot(2, 30));
  second.reports.storageChanged('reports.request.id-1');
  expect(second.entry('id-1')).toMatchObject({ offset: 2, percentage: 30 });
  expect(second.client.calls).toMatchObject([{ kind: 'attach', to: { offset: 2 } }]);

  first.client.calls[0].resolve(result);
  second.client.calls[0].resolve({ ...result, pages: 99 });
  await settled();
  expect([first.entry('id-1')?.result, new History(storage).all().map((each) => each.result)]).toEqual([
    result,
    [result],
  ]);
  expect(second.entry('id-1')?.result).toEqual(result);
});

test('a removed request is gone, in the other tab as well', () => {
  const [first, second] = [openPage(storage), openPage(storage)];
  first.reports.start(input);
  second.reports.storageChanged('reports.request.id-1');
  first.reports.remove('id-1');
  second.reports.storageChanged('reports.request.id-1');
  expect([first.reports.current().entries, second.reports.current().entries]).toEqual([[], []]);
});

test('news of a removed request does not bring it back', async () => {
  const { client, reports } = openPage(storage);
  reports.start(input);
  reports.remove('id-1');
  client.calls[0].options?.onProgress?.({ percentage: 40, run: 1, attempt: 1 });
  client.calls[0].resolve(result);
  await settled();
  expect([reports.current().entries, openPage(storage).reports.current().entries]).toEqual([[], []]);
});

test('the connection is shown with its problem, and measured once it stands', async () => {
  const { client, reports } = openPage(storage);
  client.changeState('disconnected', { error: new StreamerError('CONNECT_FAILED', 'No API there.') });
  expect(reports.current()).toMatchObject({
    connection: 'disconnected',
    connectionProblem: { code: 'CONNECT_FAILED' },
  });
  client.changeState('connected', {});
  await settled();
  expect(reports.current()).toMatchObject({ connection: 'connected', connectionProblem: undefined, roundTrip: 0 });
});

test('listeners hear of each change, until they stop', () => {
  const { reports } = openPage(storage);
  let heard = 0;
  const stop = reports.subscribe(() => heard++);
  reports.start(input);
  expect(heard).toBe(1);
  stop();
  reports.remove('id-1');
  expect(heard).toBe(1);
});

test('without a network the page reports it, and not what failed because of it, until it is connected', () => {
  const { client, reports } = openPage(new MemoryStorage());
  const seen: unknown[] = [];
  const change = (...args: Parameters<StateListener>) => {
    client.changeState(...args);
    const { connection, offline, connectionProblem } = reports.current();
    seen.push([connection, offline, connectionProblem?.code]);
  };
  const error = new StreamerError('CONNECT_FAILED', 'The token function failed.');
  change('disconnected', { closeCode: 1006, retryInMs: 1, offline: true });
  change('connecting', {});
  change('disconnected', { error, retryInMs: 1, offline: true });
  change('connecting', {});
  change('disconnected', { error, retryInMs: 1 });
  change('connecting', {});
  change('connected', {});
  expect(seen).toEqual([
    ['disconnected', true, undefined],
    ['connecting', true, undefined],
    ['disconnected', true, undefined],
    ['connecting', true, undefined],
    ['disconnected', false, 'CONNECT_FAILED'],
    ['connecting', false, 'CONNECT_FAILED'],
    ['connected', false, undefined],
  ]);
});

describe('requests of another device', () => {
  const row = {
    id: 'other',
    action: 'generate_report',
    status: 'RUNNING',
    createdAt: 900,
    epoch: 'e9',
    ref: 'ref',
    run: 1,
    attempt: 1,
    input,
    progress: { percentage: 30, message: 'Reading' },
  };
  /** A page whose server lists these requests. */
  async function connected(...listed: object[]) {
    const page = openPage(storage);
    page.client.listed = listed;
    page.client.changeState('connected', {});
    await settled();
    return page;
  }

  test('a request of another device is added with its progress, and is watched from the start of its log', async () => {
    const { client, entry } = await connected(row);

    expect(entry('other')).toMatchObject({ input, startedAt: 900, percentage: 30, message: 'Reading', sections: [] });
    expect(client.calls).toMatchObject([{ kind: 'attach', to: { id: 'other', offset: 0, epoch: 'e9' } }]);
    client.calls[0].resolve(result);
    await settled();
    expect(entry('other')).toMatchObject({ status: 'COMPLETED', result, finishedAt: 1000 });
  });

  test('the result of a request that has ended elsewhere is read when it is shown, without a duration', async () => {
    const { client, reports, entry } = await connected({ ...row, status: 'COMPLETED', progress: undefined });
    expect(entry('other')).toMatchObject({ status: 'COMPLETED' });
    expect(client.calls).toEqual([]);

    reports.show('other');
    expect(client.calls).toMatchObject([{ kind: 'attach', to: { id: 'other' } }]);
    client.calls[0].resolve(result);
    await settled();
    expect(entry('other')).toMatchObject({ status: 'COMPLETED', result });
    expect(entry('other')?.finishedAt).toBeUndefined();
  });

  test('a request that failed elsewhere has its error, and nothing is read', async () => {
    const error = { code: 'NO_DATA', message: 'None.', retryable: false };
    const { client, entry } = await connected({ ...row, status: 'FAILED', error });

    expect(entry('other')).toMatchObject({ status: 'FAILED', error: { code: 'NO_DATA', message: 'None.' } });
    expect(client.calls).toEqual([]);
  });

  test('requests that this browser knows or has removed do not change, and one without its input is left out', async () => {
    const before = openPage(storage);
    before.reports.start(input);
    const { client, reports } = await connected(row);
    reports.remove('other');
    client.listed = [row, { ...row, id: 'id-1', createdAt: 5 }, { ...row, id: 'large', input: undefined }];
    client.changeState('connected', {});
    await settled();

    expect(reports.current().entries.map(({ id, startedAt }) => [id, startedAt])).toEqual([['id-1', 1000]]);
    expect((await connected(row)).reports.current().entries.map(({ id }) => id)).toEqual(['id-1']);
  });

  test('a list that fails changes nothing', async () => {
    const { client, reports } = openPage(storage);
    client.requests = () => Promise.reject(new StreamerError('UNAVAILABLE', 'Busy.'));
    client.changeState('connected', {});
    await settled();

    expect(reports.current()).toMatchObject({ entries: [], connection: 'connected' });
  });
});
