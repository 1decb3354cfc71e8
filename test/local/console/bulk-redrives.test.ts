import { BulkRedrives } from '../../../local/console/bulk-redrives';
import type { BulkOptions, BulkReport, BulkStep, RequestFilter } from '../../../local/operations';

const REPORT = { action: 'report', tenant: 'acme', user: 'ann' };

/** One API whose redrives do what the test wants, step by step. */
class FakeApi {
  public readonly filters: RequestFilter[] = [];
  public options: BulkOptions = {};
  public end: () => void = () => undefined;
  public fail: (error: Error) => void = () => undefined;
  private selected = 0;

  public readonly redriveAll = (filter: RequestFilter, options: BulkOptions = {}): Promise<BulkReport> => {
    this.filters.push(filter);
    this.options = options;
    return new Promise((resolve, reject) => {
      this.end = () => resolve({ selected: this.selected, changed: 0, skipped: 0, failed: 0, to: 0 });
      this.fail = reject;
    });
  };

  public step(id: string, outcome: BulkStep['outcome'] = 'changed', error?: Error): void {
    this.selected++;
    this.options.onStep?.({ request: { requestKey: `acme#ann#${id}`, ...REPORT, id } as never, outcome, error });
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
let apis: [FakeApi, FakeApi];
let redrives: BulkRedrives;
let now = 100;

beforeEach(() => {
  now = 100;
  apis = [new FakeApi(), new FakeApi()];
  redrives = new BulkRedrives(
    () => apis,
    () => now,
  );
});

test('a count adds the dead letters of all APIs, and names the first ten', async () => {
  const counted = redrives.count({ tenant: 'acme' });
  for (const [index, api] of apis.entries()) {
    for (let n = 0; n < 6; n++) api.step(`${index}-${n}`);
    expect(api.options.dryRun).toBe(true);
    api.end();
    await settled();
  }
  const { count, requests, filter } = await counted;
  expect([count, requests.length, filter]).toEqual([12, 10, { tenant: 'acme', to: 100 }]);
  expect(requests[0]).toEqual({ key: 'acme#ann#0-0', ...REPORT, id: '0-0' });
  expect(apis.map(({ filters }) => filters)).toEqual(Array(2).fill([{ tenant: 'acme', to: 100, dead: true }]));
});

test('a redrive returns at once, reports each step with its reason, and goes on with the next API', async () => {
  const [first, second] = apis;
  expect(redrives.start({ action: 'report' })).toMatchObject({ redriven: 0, filter: { action: 'report', to: 100 } });
  first.step('a');
  first.step('b', 'skipped', new Error('b is PENDING'));
  first.step('c', 'failed', new Error('the table is busy'));
  expect(redrives.view).toMatchObject({ redriven: 1, skipped: 1, failed: 1 });
  expect(redrives.view?.endedAt).toBeUndefined();
  expect(redrives.view?.problems.map(({ id, outcome, reason }) => [id, outcome, reason])).toEqual([
    ['b', 'skipped', 'b is PENDING'],
    ['c', 'failed', 'the table is busy'],
  ]);

  now = 250;
  first.end();
  await settled();
  // the same end for all APIs, so that a request that fails during the redrive is not selected
  expect(second.filters).toEqual([{ action: 'report', to: 100, dead: true }]);
  second.step('d');
  second.end();
  await settled();
  expect(redrives.view).toMatchObject({ redriven: 2, startedAt: 100, endedAt: 250, stopped: false });
});

test('a view has the first fifty problems and the counts of all', () => {
  redrives.start({});
  for (let n = 0; n < 60; n++) apis[0].step(`f${n}`, 'failed', new Error('no'));
  expect(redrives.view).toMatchObject({ failed: 60 });
  expect(redrives.view?.problems).toHaveLength(50);
});

test('only one redrive runs at a time, and the next one can start after its end', async () => {
  redrives.start({});
  expect(() => redrives.start({})).toThrow('another redrive is running');
  for (const api of apis) {
    api.end();
    await settled();
  }
  expect(redrives.start({ tenant: 'acme' })).toMatchObject({ filter: { tenant: 'acme' } });
});

test('a redrive that is stopped ends after the changes that are under way', async () => {
  const { id } = redrives.start({});
  expect(() => redrives.stop('other')).toThrow('no redrive with this id is running');
  expect(redrives.stop(id)).toMatchObject({ stopped: true });
  expect(apis[0].options.signal?.aborted).toBe(true);
  apis[0].step('last');
  for (const api of apis) {
    api.end();
    await settled();
  }
  expect(redrives.view).toMatchObject({ stopped: true, redriven: 1, endedAt: 100 });
  expect(() => redrives.stop(id)).toThrow('no redrive with this id is running');
});

test('an error that is not that of one request ends the redrive, and the end of the run stops it', async () => {
  redrives.start({});
  apis[0].fail(new Error('the table is gone'));
  await settled();
  expect(redrives.view).toMatchObject({ problem: 'the table is gone', endedAt: 100 });
  redrives.start({});
  redrives.close();
  expect(apis[0].options.signal?.aborted).toBe(true);
});
