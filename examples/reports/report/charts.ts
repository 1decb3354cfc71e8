import type { Doc } from './pdfkit';
import { everyNth, linear, niceTicks } from './scale';
import { COLOR, FONT, number } from './theme';

/** A rectangle in points. The origin is the upper left corner of the page. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Series {
  name: string;
  color: string;
  /** Values in the order of the chart's labels. An undefined value leaves a gap. */
  values: (number | undefined)[];
}

export interface ChartSpec {
  title: string;
  /** Quantity of the vertical axis, with its unit. */
  yTitle: string;
  /** Quantity of the horizontal axis. */
  xTitle: string;
  labels: string[];
  series: Series[];
  /** Formats the label of a tick. @default - the number itself */
  format?: (value: number) => string;
  /** A value that is marked with a dashed line. */
  reference?: { value: number; label: string };
}

const AXIS = { left: 44, bottom: 40, top: 44 };

/** Draws columns next to each other, from zero. */
export function barChart(doc: Doc, box: Box, spec: ChartSpec): void {
  const { plot, y, slot } = frame(doc, box, spec, true);
  const width = (slot * 0.72) / spec.series.length;
  spec.series.forEach(({ color, values }, s) => {
    values.forEach((value, i) => {
      if (value === undefined) return;
      const x = plot.x + i * slot + slot * 0.14 + s * width;
      const [top, bottom] = [Math.min(y(value), y(0)), Math.max(y(value), y(0))];
      doc.rect(x, top, width, Math.max(bottom - top, 0.4)).fill(color);
    });
  });
  reference(doc, plot, y, spec);
}

/** Draws lines with a dot at each value. An undefined value interrupts the line. */
export function lineChart(doc: Doc, box: Box, spec: ChartSpec): void {
  const { plot, y, slot } = frame(doc, box, spec, false);
  reference(doc, plot, y, spec);
  const x = (i: number) => plot.x + (i + 0.5) * slot;
  for (const { color, values } of spec.series) {
    doc.lineWidth(1.6).lineJoin('round').strokeColor(color);
    let drawing = false;
    values.forEach((value, i) => {
      if (value !== undefined) drawing ? doc.lineTo(x(i), y(value)) : doc.moveTo(x(i), y(value));
      drawing = value !== undefined;
    });
    doc.stroke();
    values.forEach((value, i) => {
      if (value !== undefined) doc.circle(x(i), y(value), slot < 8 ? 1.1 : 2.2).fill(color);
    });
  }
}

export interface RankRow {
  label: string;
  value: number;
  /** Text at the end of the bar. */
  text: string;
  color: string;
}

/** Draws horizontal bars. Names are on the left, values at the end of the bars. */
export function rankChart(doc: Doc, box: Box, title: string, rows: RankRow[]): void {
  heading(doc, box, title);
  const top = box.y + 24;
  const step = Math.min(24, (box.height - 24) / rows.length);
  const widest = Math.max(...rows.map((row) => row.value));
  const x = linear([0, widest], [box.x + 104, box.x + box.width - 132]);
  rows.forEach((row, i) => {
    const middle = top + (i + 0.5) * step;
    doc.rect(x(0), middle - step * 0.34, Math.max(x(row.value) - x(0), 0.5), step * 0.68).fill(row.color);
    label(doc, row.label, box.x, middle - 4, 98, 'right', COLOR.ink);
    label(doc, row.text, x(row.value) + 6, middle - 4, 126, 'left', COLOR.muted);
  });
}

export interface HeatSpec {
  title: string;
  columns: string[];
  rows: { label: string; cells: (number | undefined)[] }[];
  color: (value: number) => string;
}

/** Draws a matrix of colored cells. A cell without a value stays empty. */
export function heatMap(doc: Doc, box: Box, spec: HeatSpec): void {
  heading(doc, box, spec.title);
  const left = box.x + 104;
  const width = (box.x + box.width - left) / spec.columns.length;
  const height = Math.min(20, (box.height - 44) / spec.rows.length);
  spec.rows.forEach((row, r) => {
    const y = box.y + 24 + r * height;
    label(doc, row.label, box.x, y + height / 2 - 4, 98, 'right', COLOR.ink);
    row.cells.forEach((value, c) => {
      const color = value === undefined ? COLOR.soft : spec.color(value);
      doc.rect(left + c * width, y, width - 0.6, height - 0.6).fill(color);
      if (value === undefined || width < 24) return;
      label(doc, number(value), left + c * width, y + height / 2 - 3.5, width, 'center', COLOR.ink, 7);
    });
  });
  xLabels(
    doc,
    { x: left, y: 0, width: box.x + box.width - left, height: box.y + 24 + spec.rows.length * height },
    spec.columns,
  );
}

/** Draws the title, grid, ticks, axis names and legend. Returns the area for the values and the vertical scale. */
function frame(doc: Doc, box: Box, spec: ChartSpec, fromZero: boolean) {
  heading(doc, box, spec.title);
  legend(doc, box, spec.series);
  const plot = {
    x: box.x + AXIS.left,
    y: box.y + AXIS.top,
    width: box.width - AXIS.left,
    height: box.height - AXIS.top - AXIS.bottom,
  };
  const ticks = niceTicks(...extent(spec, fromZero));
  const y = linear(ticks, [plot.y + plot.height, plot.y]);
  const text = spec.format ?? String;
  for (const tick of ticks) {
    doc.moveTo(plot.x, y(tick)).lineTo(plot.x + plot.width, y(tick));
    doc.lineWidth(tick === 0 ? 0.9 : 0.5).stroke(tick === 0 ? COLOR.muted : COLOR.line);
    label(doc, text(tick), box.x, y(tick) - 4, AXIS.left - 6, 'right', COLOR.muted);
  }
  xLabels(doc, plot, spec.labels);
  label(doc, spec.yTitle, box.x, box.y + AXIS.top - 18, 200, 'left', COLOR.muted);
  label(doc, spec.xTitle, plot.x, box.y + box.height - 12, plot.width, 'center', COLOR.muted);
  return { plot, y, slot: plot.width / spec.labels.length };
}

function extent(spec: ChartSpec, fromZero: boolean): [number, number] {
  const values = spec.series.flatMap((series) => series.values.filter((value) => value !== undefined));
  if (spec.reference) values.push(spec.reference.value);
  if (fromZero) values.push(0);
  return values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
}

function reference(doc: Doc, plot: Box, y: (value: number) => number, spec: ChartSpec): void {
  if (!spec.reference) return;
  const at = y(spec.reference.value);
  doc
    .moveTo(plot.x, at)
    .lineTo(plot.x + plot.width, at)
    .dash(3, { space: 3 })
    .lineWidth(0.8)
    .stroke(COLOR.warm)
    .undash();
  label(doc, spec.reference.label, plot.x, at - 10, plot.width - 2, 'right', COLOR.warm, 7);
}

function xLabels(doc: Doc, plot: Box, labels: string[]): void {
  const slot = plot.width / labels.length;
  const nth = everyNth(labels.length, Math.floor(plot.width / 46));
  labels.forEach((text, i) => {
    if (i % nth === 0)
      label(doc, text, plot.x + (i + 0.5) * slot - 30, plot.y + plot.height + 7, 60, 'center', COLOR.muted);
  });
}

function legend(doc: Doc, box: Box, series: Series[]): void {
  if (series.length < 2) return;
  let x = box.x + box.width;
  for (const { name, color } of [...series].reverse()) {
    x -= doc.font(FONT.text).fontSize(8).widthOfString(name) + 24;
    doc.rect(x, box.y + 3, 8, 8).fill(color);
    label(doc, name, x + 12, box.y + 3, 200, 'left', COLOR.ink);
  }
}

export function heading(doc: Doc, box: Box, text: string): void {
  doc.font(FONT.bold).fontSize(11.5).fillColor(COLOR.ink).text(text, box.x, box.y, { lineBreak: false });
}

/** Draws one line of small text. If the text is too long, it ends with an ellipsis. */
export function label(
  doc: Doc,
  text: string,
  x: number,
  y: number,
  width: number,
  align: 'left' | 'center' | 'right',
  color: string,
  size = 8,
): void {
  doc
    .font(FONT.text)
    .fontSize(size)
    .fillColor(color)
    .text(text, x, y, { width, align, height: size + 2, ellipsis: true });
}
