import type { Box } from './charts';
import { label } from './charts';
import type { Doc } from './pdfkit';
import type { Statistics } from './statistics';
import { COLOR, CONTENT_WIDTH, FONT, minutes, number, PAGE, percent } from './theme';

/** Returns a rectangle that is as wide as the space between the margins. */
export function band(y: number, height: number): Box {
  return { x: PAGE.left, y, width: CONTENT_WIDTH, height };
}

/** Draws the title of the page and a line below it. Content may start at y = 112. */
export function pageTitle(doc: Doc, title: string, subtitle: string): void {
  doc.font(FONT.bold).fontSize(18).fillColor(COLOR.ink).text(title, PAGE.left, PAGE.top, { lineBreak: false });
  doc.font(FONT.text).fontSize(9.5).fillColor(COLOR.muted);
  doc.text(subtitle, PAGE.left, PAGE.top + 25, { width: CONTENT_WIDTH, height: 12, ellipsis: true });
  const y = PAGE.top + 44;
  doc
    .moveTo(PAGE.left, y)
    .lineTo(PAGE.left + CONTENT_WIDTH, y)
    .lineWidth(0.8)
    .stroke(COLOR.line);
}

/** Draws five boxes with the most important figures. */
export function tiles(doc: Doc, y: number, stats: Statistics): void {
  const figures = [
    [number(stats.flights), 'flights'],
    [percent(stats.onTime), 'on time (under 15 min late)'],
    [minutes(stats.meanDelay), 'mean delay'],
    [minutes(stats.medianDelay), 'median delay'],
    [minutes(stats.p90Delay), '90th percentile'],
  ];
  const gap = 8;
  const width = (CONTENT_WIDTH - gap * (figures.length - 1)) / figures.length;
  figures.forEach(([value, name], i) => {
    const x = PAGE.left + i * (width + gap);
    doc.roundedRect(x, y, width, 58, 5).fill(COLOR.soft);
    doc
      .font(FONT.bold)
      .fontSize(14)
      .fillColor(COLOR.brand)
      .text(value, x + 9, y + 11, { lineBreak: false });
    doc
      .font(FONT.text)
      .fontSize(7.5)
      .fillColor(COLOR.muted)
      .text(name, x + 9, y + 31, { width: width - 14, height: 20 });
  });
}

export interface Column<Row> {
  title: string;
  width: number;
  text: (row: Row) => string;
  /** Alignment of the column. @default - right, for numbers */
  align?: 'left' | 'right';
}

/** Draws a table that starts at `y`. There must not be more rows than `rowsThatFit(y)`. */
export function table<Row>(doc: Doc, y: number, columns: Column<Row>[], rows: Row[]): void {
  drawRow(doc, y, columns, (column) => column.title, FONT.bold);
  doc
    .moveTo(PAGE.left, y + 14)
    .lineTo(PAGE.left + CONTENT_WIDTH, y + 14)
    .lineWidth(0.8)
    .stroke(COLOR.muted);
  rows.forEach((row, i) => {
    const top = y + ROW_HEIGHT * (i + 1) + 2;
    if (i % 2 === 1) doc.rect(PAGE.left, top - 3, CONTENT_WIDTH, ROW_HEIGHT).fill(COLOR.soft);
    drawRow(doc, top, columns, (column) => column.text(row), FONT.text);
  });
}

export const ROW_HEIGHT = 16;

export function rowsThatFit(y: number): number {
  return Math.floor((PAGE.height - PAGE.bottom - y) / ROW_HEIGHT) - 1;
}

/** Returns the columns of all tables of statistics. */
export function statisticsColumns<Row>(of: (row: Row) => Statistics | undefined): Column<Row>[] {
  const column = (title: string, text: (stats: Statistics) => string): Column<Row> => ({
    title,
    width: 0.13,
    text: (row) => {
      const stats = of(row);
      return stats ? text(stats) : '-';
    },
  });
  return [
    column('Flights', (s) => number(s.flights)),
    column('On time', (s) => percent(s.onTime)),
    column('Mean delay', (s) => minutes(s.meanDelay)),
    column('Median', (s) => minutes(s.medianDelay)),
    column('90th pct.', (s) => minutes(s.p90Delay)),
    column('Longest', (s) => minutes(s.maxDelay)),
  ];
}

function drawRow<Row>(
  doc: Doc,
  y: number,
  columns: Column<Row>[],
  text: (c: Column<Row>) => string,
  font: string,
): void {
  let x: number = PAGE.left;
  for (const column of columns) {
    const width = column.width * CONTENT_WIDTH;
    doc.font(font).fontSize(8.5).fillColor(COLOR.ink);
    doc.text(text(column), x + 3, y, { width: width - 6, align: column.align ?? 'right', height: 11, ellipsis: true });
    x += width;
  }
}

/** Draws the line at the bottom of a page. */
export function footer(doc: Doc, text: string, page: string): void {
  const y = PAGE.height - 36;
  doc
    .moveTo(PAGE.left, y - 8)
    .lineTo(PAGE.left + CONTENT_WIDTH, y - 8)
    .lineWidth(0.5)
    .stroke(COLOR.line);
  label(doc, text, PAGE.left, y, CONTENT_WIDTH - 90, 'left', COLOR.muted);
  label(doc, page, PAGE.left + CONTENT_WIDTH - 90, y, 90, 'right', COLOR.muted);
}
