import { changed, newEntry } from '../../../../examples/reports/web/src/entry';
import { History, KEPT } from '../../../../examples/reports/web/src/history';
import { MemoryStorage } from './memory-storage';

const input = { startDate: '2001-01-01', endDate: '2001-01-31' };
const entry = (id: string, startedAt = 0) => newEntry(id, input, startedAt);
const finished = (id: string, startedAt = 0) =>
  changed(entry(id, startedAt), { type: 'failed', error: { code: 'INTERNAL', message: 'm' }, at: 1 });

let storage: MemoryStorage;
let history: History;
beforeEach(() => {
  storage = new MemoryStorage();
  history = new History(storage);
});

test('saved entries are there after a reload, the newest first', () => {
  history.save(entry('a', 1));
  history.save(entry('b', 2));
  expect(new History(storage).all()).toEqual([entry('b', 2), entry('a', 1)]);
});

test('two tabs that add at the same time keep both requests', () => {
  const other = new History(storage);
  const [mine, theirs] = [history.all(), other.all()];
  expect([mine, theirs]).toEqual([[], []]);
  history.save(entry('a'));
  other.save(entry('b'));
  expect(history.all().map(({ id }) => id)).toEqual(['b', 'a']);
});

test('a tab that is behind does not write over the end that another one stored', () => {
  new History(storage).save(finished('a'));
  const running = changed(entry('a'), { type: 'progress', progress: { percentage: 70, run: 1, attempt: 1 } });
  expect(history.save(running)).toEqual(finished('a'));
  expect(history.all()).toEqual([finished('a')]);
});

test.each([
  '{',
  'null',
  '[]',
  '{"id":"x"}',
  '{"id":7,"input":{},"startedAt":1,"offset":0,"percentage":0,"sections":[]}',
])('a stored value that is no entry is left out: %s', (text) => {
  storage.setItem('reports.request.bad', text);
  history.save(entry('a'));
  expect(history.all()).toEqual([entry('a')]);
});

test('keys of others are not touched', () => {
  storage.setItem('reports.visitor', 'visitor-1');
  history.save(entry('a'));
  history.remove('a');
  expect(history.all()).toEqual([]);
  expect([history.knows('a'), history.knows('b')]).toEqual([true, false]);
  expect(storage.getItem('reports.visitor')).toBe('visitor-1');
  expect([history.concerns('reports.visitor'), history.concerns('reports.request.a'), history.concerns(null)]).toEqual([
    ...[false, true, true],
  ]);
});

test('a full storage does not stop the page', () => {
  storage.full = true;
  expect(history.save(entry('a'))).toEqual(entry('a'));
});

test('the oldest finished requests are forgotten, unfinished ones never', () => {
  history.save(entry('oldest', 0));
  for (let i = 1; i <= KEPT + 2; i++) history.save(finished(`f${i}`, i));
  history.prune();
  const ids = history.all().map(({ id }) => id);
  expect(ids).toHaveLength(KEPT + 1);
  expect(ids).toContain('oldest');
  expect(ids).not.toContain('f2');
  expect(ids).toContain('f3');
});
