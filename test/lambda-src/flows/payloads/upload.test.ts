import { answerUpload, findUpload } from '../../../../lambda-src/flows/payloads/upload';
import { type Action, route } from '../../../../lambda-src/flows/requests/route';
import { DEFAULTS } from '../../../../src/contract';
import { digestOf, MemoryPayloads } from '../../../fakes/memory-payloads';
import { ALICE, Bench, type Frame, MALLORY } from '../../support/bench';

const INPUT = JSON.stringify({ text: 'x'.repeat(40_000) });
const SHA = digestOf(INPUT);
const upload = { bytes: INPUT.length, sha256: SHA };
const limits = { ...DEFAULTS.limits, maxInputBytes: 50_000 };
const JOB: Action = { kind: 'async', maxAttempts: 3 };
const ACTIONS = new Map<string, Action>([
  ['report', JOB],
  ['echo', { kind: 'sync', run: () => 1 }],
  ['tight', { ...JOB, maxInputBytes: 100 }],
]);

let bench: Bench;
let payloads: MemoryPayloads;
beforeEach(async () => {
  bench = new Bench();
  payloads = new MemoryPayloads();
  await bench.connect(ALICE, MALLORY);
});

const deps = (more: object = {}) => ({
  ...bench.deps,
  limits,
  payloads,
  actions: ACTIONS,
  syncTimeoutMs: 1_000,
  ...more,
});
const send = async (message: object, by = ALICE, more = {}) =>
  (await route(deps(more), by, JSON.stringify(message))) as unknown as Frame & { url: string; error: { code: string } };
const ask = (more: object = {}, by = ALICE) =>
  send({ type: 'upload', id: 'r1', action: 'report', ...upload, ...more }, by);
const request = (more: object = {}, by = ALICE) =>
  send({ type: 'request', id: 'r1', action: 'report', upload, ...more }, by);
const put = ({ url }: { url: string }, text = INPUT) =>
  void payloads.objects.set(new URL(url).pathname.slice(1), Buffer.from(text));

describe('an upload', () => {
  test('an upload is answered with a new URL each time, for the same object, and stores nothing', async () => {
    const [first, second] = [await ask(), await ask()];

    expect(first).toMatchObject({ type: 'ack', for: 'upload', id: 'r1', headers: { 'if-none-match': '*' } });
    expect(first.url).not.toBe(second.url);
    expect(new URL(first.url).pathname).toBe(new URL(second.url).pathname);
    expect(bench.written.filter(({ table }) => table !== 'connections')).toEqual([]);
  });

  test.each([
    [{ bytes: 50_001 }, 'PAYLOAD_TOO_LARGE', { limit: 50_000 }],
    [{ action: 'tight', bytes: 101 }, 'PAYLOAD_TOO_LARGE', { limit: 100 }],
    [{ action: 'echo', bytes: 40_000 }, 'PAYLOAD_TOO_LARGE', { limit: 32_768 }],
    [{ action: 'none' }, 'UNKNOWN_ACTION', undefined],
  ])('an upload with %j is refused', async (more, code, details) => {
    expect(await ask(more)).toMatchObject({
      type: 'error',
      id: 'r1',
      for: 'upload',
      error: { code, retryable: false, ...(details && { details }) },
    });
  });

  test('an upload is refused by an API without a bucket', async () => {
    const refused = await send({ type: 'upload', id: 'r1', action: 'report', ...upload }, ALICE, {
      payloads: undefined,
    });
    expect(refused).toMatchObject({ for: 'upload', error: { code: 'UNSUPPORTED_TYPE' } });
  });
});

describe('a request with an uploaded input', () => {
  test('a request with an uploaded input is accepted, and its item names the object', async () => {
    put(await ask());

    expect(await request()).toMatchObject({ type: 'ack', status: 'PENDING' });
    expect((await bench.stored()).upload).toEqual({ ...upload, key: [...payloads.objects.keys()][0] });
    expect((await bench.stored()).input).toBeUndefined();
  });

  test('a request with an uploaded input is refused without an upload, with an upload of another size, and with the upload of another user', async () => {
    expect(await request()).toMatchObject({ for: 'request', error: { code: 'UPLOAD_NOT_FOUND', retryable: false } });
    const slot = await ask();
    put(slot, 'short');
    expect((await request()).error.code).toBe('UPLOAD_NOT_FOUND');
    put(slot);
    expect((await request({}, MALLORY)).error.code).toBe('UPLOAD_NOT_FOUND');
    expect((await request({ id: 'r2' })).error.code).toBe('UPLOAD_NOT_FOUND');
    expect(bench.memory.all('requests')).toEqual([]);
  });

  test('a request with an uploaded input finds an upload of the previous day, but none that is older', async () => {
    put(await ask());
    bench.platform.time += 86_400_000;
    expect(await request()).toMatchObject({ type: 'ack' });
    bench.platform.time += 86_400_000;
    expect((await request({ id: 'r1', action: 'tight' })).error.code).toBe('PAYLOAD_TOO_LARGE');
    payloads.objects.clear();
    expect((await request({ id: 'r3' })).error.code).toBe('UPLOAD_NOT_FOUND');
  });

  test('a request with an uploaded input is replayed after its object was deleted, and refused with other content', async () => {
    put(await ask());
    await request();
    payloads.objects.clear();

    expect(await request()).toMatchObject({ type: 'ack', replayed: true });
    const other = { bytes: 5, sha256: digestOf('"abc"') };
    expect((await request({ upload: other })).error.code).toBe('UPLOAD_NOT_FOUND');
    put(await ask(other), '"abc"');
    expect((await request({ upload: other })).error.code).toBe('DUPLICATE_REQUEST');
  });

  test.each([
    [{ input: 1 }, 'input'],
    [{ notBefore: 9e12 }, 'notBefore'],
  ])('a request with an uploaded input is refused with %j', async (more, path) => {
    put(await ask());

    expect(await request(more)).toMatchObject({ error: { code: 'INVALID_MESSAGE', details: { issues: [{ path }] } } });
  });

  test('a request with an uploaded input may start one retention later', async () => {
    put(await ask());
    const { retentionSeconds } = bench.deps;

    const late = bench.platform.now() + retentionSeconds * 1_000;
    expect((await request({ notBefore: late + 1 })).error.code).toBe('INVALID_MESSAGE');
    expect(await request({ notBefore: late })).toMatchObject({ type: 'ack' });
  });

  test('a request with an uploaded input is refused for a sync action', async () => {
    expect((await request({ action: 'echo' })).error.code).toBe('INVALID_INPUT');
  });

  test('a request with an uploaded input is neither accepted nor refused for good if the bucket fails', async () => {
    payloads.fail = new Error('S3 answered 503');

    expect((await request()).error).toMatchObject({ code: 'INTERNAL', retryable: true });
    expect(JSON.stringify(bench.lines)).not.toContain('https://bucket.test');
  });
});

test('the functions are exported for callers without a connection', async () => {
  const slot = await answerUpload(deps(), ALICE, { type: 'upload', id: 'r1', action: 'report', ...upload }, JOB);
  put(slot);
  const message = { type: 'request', id: 'r1', action: 'report', upload } as const;
  expect(await findUpload(deps(), ALICE, message, JOB)).toMatchObject(upload);
});
