import type { GroupRow, PeriodRow } from './aggregate';
import { rowsThatFit } from './layout';
import {
  drawDistribution,
  drawGroupPage,
  drawGroups,
  drawMethod,
  drawOverview,
  drawPeriodTable,
  drawTrend,
} from './pages';
import type { Doc } from './pdfkit';
import type { Detail } from './range';
import { GROUP_TITLES, type Report } from './report';

/** One page of the report, ready to be drawn. */
export interface Section {
  /** Constant name for events. */
  name: string;
  title: string;
  draw(doc: Doc): void;
}

/** Maximum number of group pages with `full`. The largest groups come first. The report mentions the limit. */
export const MAX_GROUP_PAGES = 40;

/** Returns the pages in order. */
export function sectionsOf(report: Report, detail: Detail): Section[] {
  const { summary, question } = report;
  const groups = detail === 'full' ? summary.groups.slice(0, MAX_GROUP_PAGES) : [];
  return [
    section('overview', 'Overview', (doc) => drawOverview(doc, report)),
    section('trend', 'Delay over time', (doc) => drawTrend(doc, report)),
    section('groups', `By ${GROUP_TITLES[question.group]}`, (doc) => drawGroups(doc, report)),
    section('distribution', 'Distribution of delays', (doc) => drawDistribution(doc, report)),
    ...tablePages(report),
    ...groups.map((row) => groupSection(report, row)),
    section('method', 'Method and source', (doc) => drawMethod(doc, report, groups.length)),
  ];
}

function tablePages(report: Report): Section[] {
  const chunks = inChunks(report.summary.periods, rowsThatFit(112));
  return chunks.map((rows: PeriodRow[], i) => {
    const title = `Figures by ${report.question.period}${chunks.length > 1 ? ` (${i + 1} of ${chunks.length})` : ''}`;
    return section('table', title, (doc) => drawPeriodTable(doc, report, title, rows));
  });
}

function groupSection(report: Report, row: GroupRow): Section {
  return section('group', row.name, (doc) => drawGroupPage(doc, report, row));
}

function section(name: string, title: string, draw: (doc: Doc) => void): Section {
  return { name, title, draw };
}

function inChunks<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
