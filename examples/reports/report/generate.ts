import { type HandlerContext, HandlerError } from 'cdk-streamer/handler';
import type { ReportInput, ReportMessages } from '../handlers/report.schema';
import { Aggregator } from './aggregate';
import { waitForApproval } from './approval';
import { type FlightRecord, readFlights } from './dataset';
import { pause } from './pause';
import { type Pdf, PdfWriter } from './pdf';
import { type Report, rangeLabel } from './report';
import { sectionsOf } from './sections';
import { number } from './theme';
import { type ReportStore, reportKey } from './upload';

/** Events that the report emits while it runs. */
export type ReportEvents = {
  /** The rows were read. `total` is the number of all rows; `rows` is the number of rows within the dates. */
  rows: { rows: number; total: number };
  /** A page was drawn. */
  section: { name: string; title: string; page: number; pages: number };
  /** The report waits for the message `approval`, until a time in milliseconds since the epoch. */
  approval: { flights: number; groups: number; until: number };
  /** The answer has arrived, perhaps from another device. */
  answer: { approved: boolean };
};

export type ReportResult = {
  /** URL of the PDF, valid for an hour. */
  url: string;
  /** Size in bytes. */
  size: number;
  /** Number of flights in the report. */
  rows: number;
  pages: number;
  title: string;
};

export type ReportContext = HandlerContext<ReportInput, ReportEvents, unknown, unknown, ReportMessages>;

export interface ReportSurroundings {
  store: ReportStore;
  /** Rows to read. @default - the whole data set */
  records?: readonly FlightRecord[];
}

/** Percentages at which the steps end. Between them, the progress follows the reading or the drawing. */
const STEPS = { read: 30, aggregated: 35, drawn: 90, finished: 93, uploaded: 100 } as const;

/** Reads, aggregates, draws and stores one report. */
export async function generateReport(
  context: ReportContext,
  { store, records }: ReportSurroundings,
): Promise<ReportResult> {
  const { input, progress, request, identity, log } = context;
  progress(0, 'Opening the data set');
  const report = await aggregate(context, records);
  if (input.ask) await waitForApproval(context, report, STEPS.aggregated);
  const title = `Flight delays, ${rangeLabel(input)}`;
  const pdf = await draw(context, report, title);
  progress(STEPS.finished, `Uploading ${Math.ceil(pdf.bytes.length / 1024)} KB`);
  const key = reportKey({ ...identity, id: request.id });
  const fileName = `flight-delays-${input.startDate}-to-${input.endDate}.pdf`;
  const url = await store.save({ key, fileName, bytes: pdf.bytes, signal: context.signal });
  log.info('report stored', { key, pages: pdf.pages, bytes: pdf.bytes.length });
  progress(STEPS.uploaded, 'Done');
  return { url, size: pdf.bytes.length, rows: report.summary.total.flights, pages: pdf.pages, title };
}

async function aggregate(context: ReportContext, source: ReportSurroundings['records']): Promise<Report> {
  const { input, progress, emit, signal } = context;
  const aggregator = new Aggregator(input);
  let [rows, all] = [0, 0];
  for await (const { flights, read, total } of readFlights(input, { signal, pace: input.pace, source })) {
    for (const flight of flights) aggregator.add(flight);
    rows += flights.length;
    all = total;
    progress((read / total) * STEPS.read, `Read ${number(read)} of ${number(total)} rows`);
  }
  await emit('rows', { rows, total: all });
  progress(STEPS.read, `Computing statistics of ${number(rows)} flights`);
  const { total, ...rest } = aggregator.summary();
  if (!total) throw new HandlerError('NO_FLIGHTS', 'No flight lies within these dates; choose a longer range.');
  progress(STEPS.aggregated, `Compared ${rest.groups.length} groups over ${rest.periods.length} periods`);
  await pause({ signal, pace: input.pace });
  return { question: input, summary: { ...rest, total } };
}

async function draw(context: ReportContext, report: Report, title: string): Promise<Pdf> {
  const { input, progress, emit, signal, request } = context;
  const sections = sectionsOf(report, input.detail);
  const writer = new PdfWriter(report, title, new Date(request.createdAt));
  for (const [i, section] of sections.entries()) {
    writer.draw(section);
    const done = (i + 1) / sections.length;
    progress(
      STEPS.aggregated + (STEPS.drawn - STEPS.aggregated) * done,
      `Drew page ${i + 1} of ${sections.length}: ${section.title}`,
    );
    await emit('section', { name: section.name, title: section.title, page: i + 1, pages: sections.length });
    await pause({ signal, pace: input.pace });
  }
  return writer.finish();
}
