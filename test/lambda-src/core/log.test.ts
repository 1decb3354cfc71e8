import * as log from '../../../lambda-src/core/log';
import type { Outcome, RequestItem } from '../../../lambda-src/core/request';
import { apply, holds, type Item } from '../../../lambda-src/core/write';
import { validateMessage } from '../../../lambda-src/protocol';

const BASE = { offset: 4, run: 2, attempt: 3, fence: 5 };
const error = { code: 'ODD', message: 'Odd.', retryable: false, details: { n: 1 } };
const frame = (entry: object, body?: string) => {
  const made = log.toFrame({ id: 'r1' }, { ...BASE, ...entry } as log.LogEntry, body);
  expect(validateMessage(JSON.stringify(made), 'server')).toMatchObject({ ok: true });
  return made;
};

describe('a frame', () => {
  const base = { id: 'r1', offset: 4, run: 2, attempt: 3 };
  const fence = 5;

  test('a frame of an event has its data, if it has any', () => {
    expect(frame({ kind: 'event', name: 'rows', data: '{"n":[1]}' })).toEqual({
      type: 'event',
      ...base,
      fence,
      name: 'rows',
      data: { n: [1] },
    });
    expect(frame({ kind: 'event', name: 'rows', data: 'null' })).toEqual({
      type: 'event',
      ...base,
      fence,
      name: 'rows',
      data: null,
    });
    expect(frame({ kind: 'event', name: 'rows' })).toEqual({ type: 'event', ...base, fence, name: 'rows' });
  });

  test('a frame of a result contains the result from the entry or from a separate item', () => {
    expect(frame({ kind: 'end', outcome: { kind: 'result', body: '[1]' } })).toEqual({
      type: 'result',
      ...base,
      result: [1],
    });
    expect(frame({ kind: 'end', outcome: { kind: 'result', bodyAt: -1_003 } }, '"big"')).toEqual({
      type: 'result',
      ...base,
      result: 'big',
    });
  });

  test('a frame of an error contains the whole error, and no attempt if the run had none', () => {
    const outcome = { kind: 'error', error: JSON.stringify(error) };

    expect(frame({ kind: 'end', outcome })).toEqual({ type: 'error', ...base, error });
    expect(frame({ kind: 'end', attempt: 0, outcome })).toEqual({ type: 'error', id: 'r1', offset: 4, run: 2, error });
  });
});

test('the marker of an attempt names the attempt', () => {
  const draft = log.attemptMarker({ run: 2, fence: 5, attempt: 1 });

  expect(frame({ ...draft, offset: 4 })).toEqual({
    type: 'event',
    id: 'r1',
    offset: 4,
    run: 2,
    attempt: 1,
    fence: 5,
    name: '$attempt',
    data: { attempt: 1, run: 2 },
  });
});

test('the terminal entry is derived from the request alone, and only if it has ended', () => {
  const outcome: Outcome = { kind: 'result', body: '1' };
  const request = { run: 2, attempt: 1, fence: 5, status: 'COMPLETED', outcome } as RequestItem;

  expect(log.terminalDraft(request)).toEqual({ kind: 'end', run: 2, attempt: 1, fence: 5, outcome });
  expect(() => log.terminalDraft({ ...request, status: 'PENDING' })).toThrow(
    'a request that is PENDING has no terminal entry',
  );
  expect(() => log.terminalDraft({ ...request, outcome: undefined })).toThrow(RangeError);
});

test('an entry is appended only if its offset is free', () => {
  const put = log.append('l', 7, { kind: 'event', run: 1, attempt: 1, fence: 1, name: 'x' }, 99);

  expect(put).toMatchObject({
    table: 'events',
    key: { logKey: 'l', offset: 7 },
    attributes: { kind: 'event', expiresAt: 99 },
  });
  expect(holds(put.when as never, undefined)).toBe(true);
  expect(holds(put.when as never, { logKey: 'l', offset: 7 })).toBe(false);
});

describe('the head', () => {
  const head: Item = {
    logKey: 'l',
    offset: -1,
    fence: 2,
    seq: 9,
    percentage: 80,
    message: 'm',
    metadata: '{}',
    afterOffset: 4,
    viewersVersion: 3,
  };
  const claimed = (fence: number) => ({ run: 2, attempt: 1, fence });
  const write = (update: ReturnType<typeof log.takeHead>, before?: Item) =>
    update.when && !holds(update.when, before) ? undefined : apply(update, before);

  test('a later attempt takes the head, deletes the progress and keeps the viewers', () => {
    expect(write(log.takeHead('l', claimed(3), 99), head)).toEqual({
      logKey: 'l',
      offset: -1,
      run: 2,
      attempt: 1,
      fence: 3,
      seq: 0,
      viewersVersion: 3,
      expiresAt: 99,
    });
    expect(write(log.takeHead('l', claimed(1), 99))).toMatchObject({ fence: 1 });
    expect(write(log.takeHead('l', claimed(2), 99), head)).toBeUndefined();
    expect(write(log.takeHead('l', claimed(1), 99), head)).toBeUndefined();
  });

  test('only its own attempt can write the head', () => {
    const progress = { percentage: 90, metadata: { a: 1 }, seq: 10, afterOffset: 5 };

    expect(write(log.writeHead('l', claimed(2), progress, 99), head)).toMatchObject({
      percentage: 90,
      message: 'm',
      metadata: '{"a":1}',
      seq: 10,
      afterOffset: 5,
    });
    expect(write(log.writeHead('l', claimed(1), progress, 99), head)).toBeUndefined();
    expect(write(log.writeHead('l', claimed(3), progress, 99), head)).toBeUndefined();
  });

  test('the first attempt takes the head with its first report, and keeps the viewers', () => {
    const progress = { percentage: 90, seq: 1, afterOffset: 1 };
    const viewed = { logKey: 'l', offset: -1, viewersVersion: 1 };

    const taken = { logKey: 'l', offset: -1, ...claimed(1), ...progress, expiresAt: 99 };
    expect(write(log.writeHead('l', claimed(1), progress, 99))).toEqual(taken);
    expect(write(log.writeHead('l', claimed(1), progress, 99), viewed)).toEqual({ ...taken, viewersVersion: 1 });
    expect(write(log.writeHead('l', claimed(2), progress, 99))).toBeUndefined();
  });

  test('the last report of a run is read from the request, unless a later attempt has taken the head', () => {
    const progress = { percentage: 90, message: 'm', metadata: { a: 1 }, seq: 3, afterOffset: 1 };
    const lastProgress = log.lastProgressText(claimed(2), progress);
    const expected = { ...claimed(2), ...progress, metadata: '{"a":1}' };

    expect(log.headOf({ lastProgress }, undefined)).toEqual(expected);
    expect(log.headOf({ lastProgress }, { ...head, fence: 2, seq: 2, percentage: 10 })).toMatchObject(expected);
    expect(log.headOf({ lastProgress }, { ...head, fence: 3 })).toMatchObject({ fence: 3, percentage: 80 });
    expect(log.headOf({}, head)).toEqual(head);
  });

  test('a report that would make the request large is not stored in it', () => {
    const progress = { message: 'm'.repeat(300), seq: 3, afterOffset: 1 };

    expect(log.lastProgressText(claimed(2), progress)).toBeUndefined();
  });

  test('the head counts viewers even before the first attempt', () => {
    expect(write(log.announceViewer('l', 99), head)).toMatchObject({ viewersVersion: 4, percentage: 80 });
    expect(write(log.announceViewer('l', 99))).toEqual({ logKey: 'l', offset: -1, viewersVersion: 1, expiresAt: 99 });
  });
});

describe('a long result', () => {
  const outcome: Outcome = { kind: 'result', body: JSON.stringify('x'.repeat(2_000)) };
  const request = { ...BASE, id: 'r1', status: 'COMPLETED', outcome } as unknown as RequestItem;
  const entry = log.entryAt(4, log.terminalDraft(request));

  test('the terminal entry of a long result refers to the request', () => {
    expect(entry).toMatchObject({ kind: 'end', outcome: { kind: 'request' } });
    expect(log.toFrame(request, entry)).toMatchObject({ type: 'result', result: 'x'.repeat(2_000) });
  });

  test('without the request after its end, the entry has no frame', () => {
    expect(() => log.toFrame({ id: 'r1' }, entry)).toThrow('the request has not ended');
  });
});

test("inputs and results have separate offsets, and each attempt's result has its own", () => {
  expect(log.storeInput('l', '{}', 9)).toMatchObject({ key: { offset: -2 }, attributes: { body: '{}', expiresAt: 9 } });
  expect([1, 2, 3].map((fence) => log.storeBody('l', fence, '1', 9).key.offset)).toEqual([-1_001, -1_002, -1_003]);
});

test('only the terminal entry of its own run ends a run', () => {
  const end = { ...BASE, kind: 'end', outcome: { kind: 'result', body: '1' } } as const;

  expect(log.endsRun(end, 2)).toBe(true);
  expect(log.endsRun(end, 1)).toBe(false);
  expect(log.endsRun({ ...BASE, kind: 'event', name: 'x' }, 2)).toBe(false);
  expect(log.endsRun(undefined, 2)).toBe(false);
});

describe('every write of the log', () => {
  const progress = { percentage: 5, seq: 1, afterOffset: 0 };

  test.each<[string, () => object, number, 'put' | 'update']>([
    ['an entry', () => log.append('l', 7, { kind: 'event', run: 1, attempt: 1, fence: 1, name: 'n' }, 9), 7, 'put'],
    ['the head, taken', () => log.takeHead('l', { run: 1, attempt: 2, fence: 2 }, 9), -1, 'update'],
    ['the head, written', () => log.writeHead('l', { run: 1, attempt: 2, fence: 2 }, progress, 9), -1, 'update'],
    ['a viewer', () => log.announceViewer('l', 9), -1, 'update'],
    ['the input', () => log.storeInput('l', '1', 9), -2, 'put'],
    ['the body of a result', () => log.storeBody('l', 2, '1', 9), -1002, 'put'],
  ])('%s is in the events table and has a time to live', (_name, make, offset, kind) => {
    const write = make();
    expect(write).toMatchObject({ kind, table: 'events', key: { logKey: 'l', offset } });
    expect(Object.assign({}, ...Object.values(write).filter((part) => typeof part === 'object'))).toMatchObject({
      expiresAt: 9,
    });
  });

  test('a body is stored unchanged', () => {
    expect(log.storeBody('l', 2, '{"a":1}', 9).attributes).toEqual({ body: '{"a":1}', expiresAt: 9 });
  });

  test('a result is null if its body no longer exists', () => {
    expect(frame({ kind: 'end', outcome: { kind: 'result', bodyAt: -1002 } })).toMatchObject({ result: null });
  });
});
