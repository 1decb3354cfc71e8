import type { GroupRow, PeriodRow } from './aggregate';
import { barChart, heatMap, lineChart, rankChart } from './charts';
import { DATASET } from './dataset';
import { findings } from './findings';
import { band, pageTitle, statisticsColumns, table, tiles } from './layout';
import type { Doc } from './pdfkit';
import { GROUP_TITLES, type Report, rangeLabel } from './report';
import type { Statistics } from './statistics';
import { COLOR, CONTENT_WIDTH, diverging, FONT, minutes, number, PAGE, percent } from './theme';

export function drawOverview(doc: Doc, report: Report): void {
  const { summary, question } = report;
  pageTitle(doc, 'Flight delays', `${rangeLabel(question)}, by ${question.period} and ${GROUP_TITLES[question.group]}`);
  tiles(doc, 112, summary.total);
  barChart(doc, band(200, 250), {
    title: `Flights by ${question.period}`,
    yTitle: 'flights',
    xTitle: question.period,
    labels: summary.periods.map((row) => row.label),
    series: [{ name: 'flights', color: COLOR.brand, values: summary.periods.map((row) => row.stats?.flights ?? 0) }],
    format: number,
  });
  doc.font(FONT.bold).fontSize(11.5).fillColor(COLOR.ink).text('Highlights', PAGE.left, 480);
  doc.font(FONT.text).fontSize(10).fillColor(COLOR.ink);
  doc.list(findings(report), PAGE.left + 4, 502, {
    width: CONTENT_WIDTH - 10,
    bulletRadius: 1.8,
    textIndent: 12,
    lineGap: 4,
    paragraphGap: 5,
  });
}

export function drawTrend(doc: Doc, { summary, question }: Report): void {
  pageTitle(doc, 'Delay over time', rangeLabel(question));
  const labels = summary.periods.map((row) => row.label);
  const values = (pick: (stats: Statistics) => number) => summary.periods.map((row) => row.stats && pick(row.stats));
  lineChart(doc, band(112, 300), {
    title: 'Minutes of delay',
    yTitle: 'minutes',
    xTitle: question.period,
    labels,
    series: [
      { name: '90th percentile', color: COLOR.warm, values: values((s) => s.p90Delay) },
      { name: 'mean', color: COLOR.brand, values: values((s) => s.meanDelay) },
      { name: 'median', color: COLOR.good, values: values((s) => s.medianDelay) },
    ],
  });
  lineChart(doc, band(440, 300), {
    title: 'Share of flights on time',
    yTitle: 'less than 15 minutes late',
    xTitle: question.period,
    labels,
    series: [{ name: 'on time', color: COLOR.good, values: values((s) => s.onTime) }],
    format: (share) => `${(share * 100).toFixed(0)} %`,
    reference: { value: summary.total.onTime, label: `all: ${percent(summary.total.onTime)}` },
  });
}

export function drawGroups(doc: Doc, { summary, question }: Report): void {
  const shown = summary.groups.slice(0, 14);
  const extra = summary.groups.length > shown.length ? `, the ${shown.length} largest of ${summary.groups.length}` : '';
  pageTitle(doc, `By ${GROUP_TITLES[question.group]}`, `${rangeLabel(question)}${extra}`);
  const mean = summary.total.meanDelay;
  rankChart(
    doc,
    band(112, 300),
    `Flights; orange: delayed more than the mean of ${minutes(mean)}`,
    shown.map(({ name, stats }) => ({
      label: name,
      value: stats.flights,
      text: `${number(stats.flights)}, mean ${minutes(stats.meanDelay)}`,
      color: stats.meanDelay > mean ? COLOR.warm : COLOR.brand,
    })),
  );
  const name = { title: 'Name', width: 0.22, align: 'left' as const, text: (row: GroupRow) => row.name };
  table(doc, 440, [name, ...statisticsColumns<GroupRow>((row) => row.stats)], shown);
}

export function drawDistribution(doc: Doc, { summary, question }: Report): void {
  pageTitle(doc, 'Distribution of delays', rangeLabel(question));
  barChart(doc, band(112, 270), {
    title: 'Flights by delay, in steps of 10 minutes',
    yTitle: 'flights',
    xTitle: 'minutes of delay; negative: early',
    labels: summary.delays.map(({ from, to }) =>
      Number.isFinite(from) ? (Number.isFinite(to) ? `${from}` : `${from}+`) : `<${to}`,
    ),
    series: [{ name: 'flights', color: COLOR.brand, values: summary.delays.map((bin) => bin.flights) }],
    format: number,
  });
  const mean = summary.total.meanDelay;
  heatMap(doc, band(410, 330), {
    title: `Mean delay in minutes by ${GROUP_TITLES[question.group]} and ${question.period}; white: ${minutes(mean)}`,
    columns: summary.periods.map((row) => row.label),
    rows: summary.groups.slice(0, 14).map((row) => ({ label: row.name, cells: row.periods.map((s) => s?.meanDelay) })),
    color: (value) => diverging((value - mean) / 25),
  });
}

export function drawPeriodTable(doc: Doc, report: Report, title: string, rows: PeriodRow[]): void {
  pageTitle(doc, title, rangeLabel(report.question));
  const name = {
    title: report.question.period,
    width: 0.22,
    align: 'left' as const,
    text: (row: PeriodRow) => row.label,
  };
  table(doc, 112, [name, ...statisticsColumns<PeriodRow>((row) => row.stats)], rows);
}

export function drawGroupPage(doc: Doc, { summary, question }: Report, row: GroupRow): void {
  pageTitle(doc, row.name, `${GROUP_TITLES[question.group]}, ${rangeLabel(question)}`);
  tiles(doc, 112, row.stats);
  const labels = summary.periods.map((period) => period.label);
  barChart(doc, band(196, 250), {
    title: `Flights by ${question.period}`,
    yTitle: 'flights',
    xTitle: question.period,
    labels,
    series: [{ name: 'flights', color: COLOR.brand, values: row.periods.map((stats) => stats?.flights ?? 0) }],
  });
  lineChart(doc, band(474, 280), {
    title: 'Mean delay against all flights',
    yTitle: 'minutes',
    xTitle: question.period,
    labels,
    series: [
      { name: row.name, color: COLOR.warm, values: row.periods.map((stats) => stats?.meanDelay) },
      { name: 'all flights', color: COLOR.brandSoft, values: summary.periods.map(({ stats }) => stats?.meanDelay) },
    ],
  });
}

export function drawMethod(doc: Doc, { summary, question }: Report, groupPages: number): void {
  pageTitle(doc, 'Method and source', rangeLabel(question));
  const lines = [
    `Data: ${DATASET.title}. ${DATASET.note} Source: ${DATASET.source}.`,
    `${number(summary.total.flights)} flights lie within the dates of this report, both days included.`,
    'A flight is on time when it is less than 15 minutes late. Early flights count with negative minutes in the mean.',
    'Median and 90th percentile are exact, interpolated between the two closest flights.',
    'Weeks begin on Monday; the first and the last week or month may be cut by the dates. A period without flights has no figures.',
  ];
  if (groupPages > 0)
    lines.push(`Separate pages: ${groupPages} of ${summary.groups.length} groups, the largest first.`);
  doc.font(FONT.text).fontSize(10).fillColor(COLOR.ink);
  doc.list(lines, PAGE.left + 4, 116, {
    width: CONTENT_WIDTH - 10,
    bulletRadius: 1.8,
    textIndent: 12,
    lineGap: 4,
    paragraphGap: 8,
  });
}
