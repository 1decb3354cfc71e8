import type { RequestSnapshot } from 'cdk-streamer-client';
import { asks, type Change, changed, type Entry, merged, newEntry } from '../../../../examples/reports/web/src/entry';

const input = { startDate: '2001-01-01', endDate: '2001-01-31' };
const fresh = newEntry('r1', input, 1000);
const result = { url: 'https://x/', size: 1, rows: 2, pages: 3, title: 't' };

const having = (...changes: Change[]): Entry => changes.reduce(changed, fresh);
const progress = (percentage: number, attempt = 1, message?: string, run = 1): Change => ({
  type: 'progress',
  progress: { percentage, run, attempt, message },
});
const section = (page: number, title = `page ${page}`): Change => ({
  type: 'section',
  section: { page, pages: 6, title },
});
const state = (snapshot: Partial<RequestSnapshot>): Change => ({
  type: 'state',
  snapshot: {
    ...{
      id: 'r1',
      action: 'generate_report',
      status: 'RUNNING',
      offset: 0,
      epoch: 'e1',
      run: 1,
      attempt: 1,
      fence: 1,
      percentage: 0,
    },
    ...snapshot,
  },
});

describe('the percentage', () => {
  test('the percentage never falls within an attempt, even if reports arrive in another order', () => {
    expect(having(progress(40), progress(30)).percentage).toBe(40);
    expect(having(progress(40), state({ percentage: 10 })).percentage).toBe(40);
  });

  test('the percentage is not lost when the first news after a reload is behind what is known', () => {
    const reloaded: Entry = { ...fresh, epoch: 'e1', attempt: 0, percentage: 52 };
    expect(changed(reloaded, progress(12)).percentage).toBe(52);
  });

  test('the percentage starts over with a new attempt, and so do the pages', () => {
    const entry = having(progress(40), section(1), progress(5, 2));
    expect(entry).toMatchObject({ attempt: 2, percentage: 5, sections: [] });
    expect(having(progress(40), section(1), state({ attempt: 2, percentage: 0 }))).toMatchObject({
      ...{ attempt: 2, percentage: 0, sections: [] },
    });
  });

  test('the percentage starts over with a new run, whose first attempt is 1 again', () => {
    const again = having(progress(40, 2), section(1), progress(5, 1, undefined, 2));
    expect(again).toMatchObject({ run: 2, attempt: 1, percentage: 5, sections: [] });
    expect(changed(again, progress(90, 2))).toBe(again);
    const next = state({ run: 2, attempt: 1, fence: 3, percentage: 0 });
    expect(having(progress(40, 2), next)).toMatchObject({ run: 2, attempt: 1, fence: 3, percentage: 0 });
  });

  test('the percentage of an attempt that was overtaken is ignored', () => {
    const entry = having(progress(5, 2));
    expect(changed(entry, progress(90, 1))).toBe(entry);
  });
});

describe('the question of a report', () => {
  const approval = { flights: 10, groups: 2, until: 5_000 };
  const asked: Change = { type: 'asked', approval };
  const failed: Change = { type: 'failed', error: { code: 'REJECTED', message: 'No.' }, at: 2 };

  test('a report asks until it gets an answer, it ends, or a later attempt starts, which asks again', () => {
    expect(having(asked)).toMatchObject({ approval });
    expect(asks(having(asked))).toBe(true);
    const later = state({ attempt: 2 });
    for (const changes of [
      [],
      [asked, { type: 'answered' }],
      [asked, failed],
      [state({}), asked, later],
    ] as Change[][]) {
      expect(asks(having(...changes))).toBe(false);
      expect(having(...changes).approval).toBeUndefined();
    }
    expect(asks(having(state({}), asked, later, asked))).toBe(true);
  });

  test('a report whose end another device has shown does not ask', () => {
    expect(asks({ ...having(asked), status: 'FAILED' })).toBe(false);
  });
});

test('the message stays until there is another', () => {
  expect(having(progress(1, 1, 'reading'), progress(2)).message).toBe('reading');
});

test('each page is listed once, in order, its latest title', () => {
  expect(having(section(2), section(1), section(2, 'again')).sections).toEqual([
    { page: 1, pages: 6, title: 'page 1' },
    { page: 2, pages: 6, title: 'again' },
  ]);
});

test('the offset to continue from is the one that the client last reported', () => {
  const entry = having(state({ offset: 3, ref: 'opaque' }), state({ offset: 4 }));
  expect(entry).toMatchObject({ offset: 4, epoch: 'e1', ref: 'opaque', run: 1, status: 'RUNNING' });
});

test('a log that begins anew takes the pages with it, not the percentage', () => {
  expect(having(progress(40), section(1), { type: 'reset' })).toMatchObject({
    sections: [],
    offset: 0,
    percentage: 40,
  });
});

describe('the end', () => {
  const done: Change = { type: 'done', result, at: 5000 };

  test('the end is 100 percent and has a time', () => {
    expect(having(progress(40), done)).toMatchObject({
      status: 'COMPLETED',
      percentage: 100,
      result,
      finishedAt: 5000,
    });
  });

  test.each<[string, Change]>([
    ['another result', { type: 'done', result: { ...result, pages: 99 }, at: 6000 }],
    ['an error', { type: 'failed', error: { code: 'INTERNAL', message: '' }, at: 6000 }],
    ['progress', progress(1, 9)],
    ['a state', state({ status: 'RUNNING' })],
  ])('the end stands, whatever comes after it: %s', (_, late) => {
    const end = having(done);
    expect(changed(end, late)).toBe(end);
  });

  test.each([
    ['CANCELLED', 'CANCELLED'],
    ['HANDLER_ERROR', 'FAILED'],
  ])('the end by the error %s is %s', (code, status) => {
    expect(having({ type: 'failed', error: { code, message: 'm' }, at: 1 })).toMatchObject({ status, error: { code } });
  });
});

describe('two tabs', () => {
  const behind = having(state({ offset: 2 }), progress(20));
  const ahead = having(state({ offset: 3 }), progress(30));
  const ended = having({ type: 'done', result, at: 1 });

  test('two tabs agree on the one that has read further', () => {
    expect([merged(behind, ahead), merged(ahead, behind)]).toEqual([ahead, ahead]);
  });

  test('two tabs agree on the end, although the other one counted further', () => {
    expect([merged(ahead, ended), merged(ended, ahead)]).toEqual([ended, ended]);
  });

  test('a later attempt is further, whatever its percentage', () => {
    const retried = having(state({ attempt: 2, offset: 3 }));
    expect(merged(ahead, retried)).toBe(retried);
  });

  test('offsets of different logs are not compared', () => {
    const other = having(state({ epoch: 'e2', offset: 0 }));
    expect([merged(other, ahead), merged(ahead, other)]).toEqual([other, ahead]);
  });
});
