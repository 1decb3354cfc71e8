import { Aggregator, type Question } from '../../../../examples/reports/report/aggregate';
import { findings } from '../../../../examples/reports/report/findings';
import type { Report } from '../../../../examples/reports/report/report';

const question: Question = { startDate: '2001-01-01', endDate: '2001-01-02', period: 'day', group: 'origin' };

function reportOf(counts: [day: string, origin: string, delay: number, flights: number][]): Report {
  const aggregator = new Aggregator(question);
  for (const [day, origin, delay, flights] of counts) {
    for (let i = 0; i < flights; i++) aggregator.add({ day, origin, delay, distance: 1, destination: 'X' });
  }
  const { total, ...rest } = aggregator.summary();
  if (!total) throw new Error('the test has no flights');
  return { question, summary: { ...rest, total } };
}

test('the findings name the extremes, and leave out groups with too few flights to be compared', () => {
  const sentences = findings(
    reportOf([
      ['2001-01-01', 'AAA', 0, 40],
      ['2001-01-02', 'BBB', 20, 10],
      ['2001-01-02', 'BBB', 0, 40],
      ['2001-01-02', 'CCC', 99, 5],
    ]),
  );
  expect(sentences).toEqual([
    '15.8 % of 95 flights were 15 minutes late or more; the longest delay was 99 minutes.',
    'Busiest: 2 Jan with 55 flights.',
    'Least punctual: 2 Jan, when 72.7 % were on time.',
    'Most punctual group: AAA (100.0 % of 40 on time).',
    'Least punctual group: BBB (80.0 % of 50 on time, mean delay 4.0 min).',
    'Groups and periods with fewer than 30 flights are not compared here.',
  ]);
});

test('compares nothing where there is only one period and one group', () => {
  expect(findings(reportOf([['2001-01-01', 'AAA', 0, 40]]))).toHaveLength(1);
});
