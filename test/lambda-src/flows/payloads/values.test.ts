import { type ProcessDeps, processMessage } from '../../../../lambda-src/flows/attempt/process';
import { capsOf } from '../../../../lambda-src/flows/caps/line';
import type { RunHandler } from '../../../../lambda-src/flows/handlers/context';
import { redriveRequest, showRequest } from '../../../../lambda-src/flows/operations/one-request';
import { acceptRequest } from '../../../../lambda-src/flows/requests/accept';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { statusOf } from '../../../../lambda-src/flows/submit/status';
import type { HandlerContext } from '../../../../lambda-src/handler';
import { BOUNDS } from '../../../../src/contract';
import { describe as describeObject, MemoryPayloads } from '../../../fakes/memory-payloads';
import { ALICE, ALICE_PHONE, Bench, type Frame } from '../../support/bench';

let bench: Bench;
let payloads: MemoryPayloads;
beforeEach(async () => {
  bench = new Bench();
  payloads = new MemoryPayloads();
  await bench.connect(ALICE, ALICE_PHONE);
});

const deps = () => ({ ...bench.deps, payloads });

async function work(run: (context: HandlerContext) => unknown, more: Partial<ProcessDeps> = {}): Promise<void> {
  const nothing = () => undefined;
  const all: ProcessDeps = {
    ...deps(),
    heartbeat: { start: async () => undefined, sawHead: nothing, handlerEnded: nothing, stop: nothing },
    noteStart: async () => undefined,
    run: run as RunHandler,
    parseInput: async (input) => input,
    progressRate: 10,
    retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
    resultBytes: BOUNDS.payloadBytes,
    limits: { maxEvents: 10, maxResultBytes: 1_000_000 },
    ...more,
  };
  const functionEndsAt = bench.platform.now() + 300_000;
  await processMessage(all, { messageId: 'm1', body: { requestKey: 'acme#alice#r1' }, functionEndsAt });
}

/** Accepts a request whose input is an object with these bytes. */
async function accept(bytes: string | Buffer): Promise<void> {
  payloads.objects.set('in', Buffer.from(bytes));
  const object = describeObject('in', String(bytes));
  const upload = { bytes: object.bytes, sha256: object.sha256 };
  const message = { type: 'request', id: 'r1', action: 'report', upload } as const;
  await acceptRequest(deps(), ALICE, message, { maxAttempts: 1 }, object);
}

const last = ({ connectionId } = ALICE) => bench.to({ connectionId }).at(-1) as Frame;
/** A result whose JSON has so many characters. */
const result = (chars: number) => 'x'.repeat(chars - 2);

describe('a result', () => {
  test.each([
    [1_024, 'body'],
    [4_097, 'bodyAt'],
    [8_192, 'bodyAt'],
    [8_193, 'object'],
    [BOUNDS.resultBytes, 'object'],
  ])('a result of %i characters is stored as %s, and sent in a frame', async (chars, where) => {
    await bench.request();
    await work(() => result(chars));

    expect((await bench.stored()).outcome).toHaveProperty(where);
    expect(last()).toMatchObject({ type: 'result', result: result(chars) });
    expect((await attach(deps(), ALICE_PHONE, { type: 'attach', id: 'r1', offset: 1 })).entries?.at(-1)).toMatchObject({
      type: 'result',
      result: result(chars),
    });
    expect(await statusOf(deps(), ALICE, 'r1')).toMatchObject({ status: 'COMPLETED', result: result(chars) });
  });

  test('a result that does not fit into a frame is sent as a URL, which is new at each delivery', async () => {
    await bench.request();
    await work(() => result(BOUNDS.resultBytes + 1));

    const sent = last() as Frame & { resultAt: { url: string; bytes: number } };
    expect(sent).toMatchObject({
      type: 'error',
      error: { code: 'RESULT_TOO_LARGE', retryable: false },
      resultAt: { bytes: BOUNDS.resultBytes + 1, url: expect.stringMatching(/^https:/) },
    });
    const ack = await attach(deps(), ALICE_PHONE, { type: 'attach', id: 'r1', offset: 0 });
    expect(ack).toMatchObject({ status: 'COMPLETED' });
    expect(ack.entries?.at(-1)).toMatchObject({ resultAt: { url: expect.not.stringMatching(sent.resultAt.url) } });
    expect(await statusOf(deps(), ALICE, 'r1')).toMatchObject({ resultAt: { bytes: BOUNDS.resultBytes + 1 } });
    expect(JSON.stringify([bench.lines, bench.written])).not.toContain('https://bucket.test');
  });

  test('a result of multi-byte characters is measured in bytes', async () => {
    await bench.request();
    await work(() => '€'.repeat(50_000));

    expect(last()).toMatchObject({ resultAt: { bytes: 150_002 } });
  });

  test('a result is shown to an operator without access to the bucket by the key of its object', async () => {
    await bench.request();
    await work(() => result(9_000));
    const reader = { deadLetters: jest.fn(), scan: jest.fn() };

    const { payloads: _, ...without } = deps();
    const report = await showRequest({ ...without, reader }, 'acme#alice#r1');
    expect(report.result).toBeUndefined();
    expect(report.entries.at(-1)).toMatchObject({ resultAt: { url: expect.stringMatching(/^s3:acme\/out\//) } });
    expect((await showRequest({ ...deps(), reader }, 'acme#alice#r1')).result).toBe(result(9_000));
  });

  test('a result that could not be stored does not end the request', async () => {
    await bench.request();
    payloads.fail = new Error('S3 answered 503');

    await expect(work(() => result(9_000))).rejects.toThrow('503');
    expect((await bench.stored()).status).toBe('RUNNING');
  });
});

describe('an uploaded input', () => {
  test('an uploaded input is what the handler gets', async () => {
    await accept('{"text":"é€😀"}');
    await work(({ input }) => input);

    expect(last()).toMatchObject({ type: 'result', result: { text: 'é€😀' } });
  });

  test.each([
    ['is not JSON', 'nothing'],
    ['is not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['has a byte order mark', '\ufeff1'],
    ['has a forbidden key', '{"a":{"__proto__":1}}'],
    ['has a lone surrogate', '"\\ud800"'],
    ['has a number that overflows', '1e999'],
    ['is nested too deep', `${'['.repeat(32)}${']'.repeat(32)}`],
  ])('an uploaded input that %s fails the request without a retry', async (_what, bytes) => {
    await accept(bytes);
    const run = jest.fn();
    await work(run);

    expect(run).not.toHaveBeenCalled();
    expect(last()).toMatchObject({ type: 'error', error: { code: 'INVALID_INPUT', retryable: false } });
    expect(JSON.stringify(bench.lines)).not.toContain('nothing');
  });

  test('an uploaded input is found again by a redrive', async () => {
    await accept('{"text":"again"}');
    await work(() => {
      throw new Error('first run');
    });
    const reader = { deadLetters: jest.fn(), scan: jest.fn() };
    await redriveRequest({ ...deps(), reader }, 'acme#alice#r1');
    await work(({ input }) => input);

    expect(await bench.stored()).toMatchObject({ status: 'COMPLETED', run: 2 });
    expect(last()).toMatchObject({ type: 'result', run: 2, result: { text: 'again' } });
  });

  test('an uploaded input may be nested as deep as an input in a message', async () => {
    await accept(`${'['.repeat(31)}${']'.repeat(31)}`);
    await work(() => 'ran');

    expect(last()).toMatchObject({ result: 'ran' });
  });

  test('an uploaded input that is not stored any more fails the request, also if it is streamed', async () => {
    for (const streams of [false, true]) {
      bench = new Bench();
      await bench.connect(ALICE);
      await accept('1');
      payloads.objects.clear();
      await work(
        async ({ stream }) => {
          for await (const _ of stream());
        },
        { streamsInput: async () => streams },
      );
      expect(last()).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    }
  });

  test('an uploaded input is streamed as it was uploaded, and is then not validated', async () => {
    await accept('not JSON');
    await work(
      async ({ input, stream }) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of stream()) chunks.push(chunk);
        return [typeof input, Buffer.concat(chunks).toString()];
      },
      { streamsInput: async () => true },
    );

    expect(last()).toMatchObject({ result: ['undefined', 'not JSON'] });
  });

  test('an uploaded input decides about caps by a property, unless it is not valid', async () => {
    const caps = [{ scope: 'input', property: 'region', max: 1 }] as const;
    await accept('{"region":"eu"}');
    expect(await capsOf(deps(), caps, await bench.stored())).toHaveLength(1);
    payloads.objects.set('in', Buffer.from('{"reg'));
    expect(await capsOf(deps(), caps, await bench.stored())).toEqual([]);
    payloads.fail = new Error('S3 answered 503');
    await expect(capsOf(deps(), caps, await bench.stored())).rejects.toThrow('503');
  });
});

test('a payload of an API that has no bucket any more is an error that names the remedy', async () => {
  await accept('1');

  await expect(capsOf(bench.deps, [{ scope: 'input', property: 'a', max: 1 }], await bench.stored())).rejects.toThrow(
    'set `payloads` of the API again',
  );
});
