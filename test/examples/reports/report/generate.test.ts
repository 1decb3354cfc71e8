import * as v from 'valibot';
import { input as schema } from '../../../../examples/reports/handlers/report.schema';
import { allRecords } from '../../../../examples/reports/report/dataset';
import { generateReport, type ReportContext } from '../../../../examples/reports/report/generate';
import { MAX_GROUP_PAGES } from '../../../../examples/reports/report/sections';
import type { ReportFile } from '../../../../examples/reports/report/upload';
import { readPdf } from './pdf-text';

type Step = { percentage: number; message?: string };

/**
 * A context that records the reports of the handler, and a store that keeps its files. `answers` are the messages that the handler gets before its wait
 * is over.
 */
function recorder(
  question: v.InferInput<typeof schema>,
  onStep: (step: Step) => void = () => {},
  answers: readonly boolean[] = [],
) {
  const waits: unknown[] = [];
  const abort = new AbortController();
  const steps: Step[] = [];
  const events: { name: string; data: unknown }[] = [];
  const files: ReportFile[] = [];
  const context = {
    input: v.parse(schema, question),
    progress: (percentage: number, message?: string) => {
      steps.push({ percentage, message });
      onStep({ percentage, message });
    },
    emit: async (name: string, data: unknown) => void events.push({ name, data }),
    messages: async function* (name: string, options: object) {
      waits.push({ name, ...options });
      for (const approved of answers) yield { id: 'm', sentAt: 0, data: { approved } };
    },
    signal: abort.signal,
    request: {
      id: 'r-1',
      action: 'generate_report',
      attempt: 1,
      run: 1,
      createdAt: 1_700_000_000_000,
      deadline: 0,
    },
    identity: { tenant: 'acme', user: 'ann' },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  } as unknown as ReportContext;
  const store = {
    save: async (file: ReportFile) => {
      files.push(file);
      return `https://files.example.com/${file.key}`;
    },
  };
  return {
    abort,
    steps,
    events,
    files,
    waits,
    run: (records = allRecords) => generateReport(context, { store, records }),
  };
}

const RANGE = { startDate: '2001-01-08', endDate: '2001-02-04' };

describe('a summary', () => {
  const recording = recorder(RANGE);
  let result: Awaited<ReturnType<typeof recording.run>>;
  beforeAll(async () => {
    result = await recording.run();
  });

  test('the result of a summary has the place of the file and its contents', () => {
    const rows = allRecords.filter(({ date }) => date >= '2001/01/08' && date < '2001/02/05').length;
    expect(recording.files).toHaveLength(1);
    expect(recording.files[0]).toMatchObject({
      key: 'acme/ann/r-1.pdf',
      fileName: 'flight-delays-2001-01-08-to-2001-02-04.pdf',
    });
    expect(result).toEqual({
      url: 'https://files.example.com/acme/ann/r-1.pdf',
      size: recording.files[0].bytes.length,
      rows,
      pages: 6,
      title: 'Flight delays, 8 Jan 2001 to 4 Feb 2001',
    });
  });

  test('a summary is a PDF with the pages it promised and the numbers of the data', () => {
    const { bytes } = recording.files[0];
    const { pages, text } = readPdf(bytes);
    expect(Buffer.from(bytes.subarray(0, 5)).toString()).toBe('%PDF-');
    expect(pages).toBe(6);
    expect(text).toContain('Delay over time');
    expect(text).toContain(result.rows.toLocaleString('en-US'));
    for (const page of [1, 2, 3, 4, 5, 6]) expect(text).toContain(`Page ${page} of 6`);
  });

  test('a summary reports progress that never falls, from 0 to 100, with a message at each step', () => {
    const percentages = recording.steps.map(({ percentage }) => percentage);
    expect([percentages[0], percentages.at(-1)]).toEqual([0, 100]);
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
    expect(recording.steps.every(({ message }) => message)).toBe(true);
    expect(recording.steps).toContainEqual({ percentage: 15, message: 'Read 10,000 of 20,000 rows' });
  });

  test('a summary emits what was read, then each page once it is drawn', () => {
    const [first, ...sections] = recording.events;
    expect(first).toEqual({ name: 'rows', data: { rows: result.rows, total: 20_000 } });
    expect(
      sections.map(({ name, data }) => [name, (data as { name: string; page: number; pages: number }).name]),
    ).toEqual(['overview', 'trend', 'groups', 'distribution', 'table', 'method'].map((name) => ['section', name]));
    expect(sections.map(({ data }) => (data as { page: number }).page)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('another attempt writes the same bytes under the same key', async () => {
    const again = recorder(RANGE);
    await again.run();
    expect(again.files[0].key).toBe(recording.files[0].key);
    expect(Buffer.compare(again.files[0].bytes, recording.files[0].bytes)).toBe(0);
  });
});

describe('an approval', () => {
  const ASKS = { ...RANGE, ask: true };
  const names = (events: { name: string }[]) => events.map(({ name }) => name).filter((name) => name !== 'section');

  test('a report that asks is drawn after the approval, and later answers do not count', async () => {
    const { run, events, files, steps, waits } = recorder(ASKS, undefined, [true, false]);
    const asked = Date.now();
    const { rows } = await run();

    expect(names(events)).toEqual(['rows', 'approval', 'answer']);
    expect(events[1].data).toEqual({ flights: rows, groups: expect.any(Number), until: expect.any(Number) });
    const { until } = events[1].data as { until: number };
    expect(until - asked).toBeGreaterThanOrEqual(120_000);
    expect(events[2].data).toEqual({ approved: true });
    expect(waits).toEqual([{ name: 'approval', waitSeconds: 120 }]);
    expect(steps).toContainEqual({ percentage: 35, message: 'Waiting for your approval' });
    expect(files).toHaveLength(1);
  });

  test.each<[string, boolean[], string, string[]]>([
    ['rejected', [false, true], 'REJECTED', ['rows', 'approval', 'answer']],
    ['not answered in time', [], 'NOT_APPROVED', ['rows', 'approval']],
  ])('a report that was %s ends with a final error, and draws nothing', async (_, answers, code, expected) => {
    const { run, events, files } = recorder(ASKS, undefined, answers);

    await expect(run()).rejects.toMatchObject({ code, retryable: false });
    expect(events.map(({ name }) => name)).toEqual(expected);
    expect(files).toEqual([]);
  });

  test('a report that does not ask does not wait for an answer', async () => {
    const { run, events, waits } = recorder(RANGE, undefined, [false]);
    await run();

    expect([names(events), waits]).toEqual([['rows'], []]);
  });
});

test('full detail adds a page for each group, the largest first, and reports how many it left out', async () => {
  const { run, files } = recorder({ ...RANGE, detail: 'full', period: 'month' });
  const { pages } = await run();
  const { pages: drawn, text } = readPdf(files[0].bytes);
  expect(pages).toBe(6 + MAX_GROUP_PAGES);
  expect(drawn).toBe(pages);
  expect(text).toMatch(new RegExp(`Separate pages: ${MAX_GROUP_PAGES} of \\d+ groups`));
});

test('full detail by weekday has seven pages more, and by day the table takes as many pages as it needs', async () => {
  const { run, files } = recorder({
    startDate: '2001-01-01',
    endDate: '2001-03-31',
    detail: 'full',
    period: 'day',
    group: 'weekday',
  });
  // 90 days, 42 rows per page: 3 pages of table, 7 weekdays, 5 others
  expect((await run()).pages).toBe(15);
  expect(readPdf(files[0].bytes).text).toContain('Figures by day (3 of 3)');
});

test.each(['day', 'week', 'month'] as const)('a single day can be reported by %s', async (period) => {
  const { run } = recorder({ startDate: '2001-02-14', endDate: '2001-02-14', period, group: 'distance' });
  const rows = allRecords.filter(({ date }) => date.startsWith('2001/02/14')).length;
  await expect(run()).resolves.toMatchObject({ rows, pages: 6 });
});

test.each([
  'Read 5,000 of 20,000 rows',
  'Drew page 2 of 6: Delay over time',
])('an abort after "%s" ends the work: nothing is stored', async (message) => {
  const recording = recorder(RANGE, (step) => {
    if (step.message === message) recording.abort.abort(new Error('cancelled'));
  });
  await expect(recording.run()).rejects.toThrow('cancelled');
  expect(recording.files).toEqual([]);
  expect(recording.steps.at(-1)?.message).toBe(message);
});

test('no flights within the dates is an error with that reason, and is not retried', async () => {
  await expect(recorder(RANGE).run([])).rejects.toMatchObject({ code: 'NO_FLIGHTS', retryable: false });
});
