import { defineHandler } from 'cdk-streamer/handler';
import { generateReport, type ReportContext } from '../report/generate';
import { type ReportStore, s3Store } from '../report/upload';
import { input } from './report.schema';

let store: ReportStore | undefined;

/** One client for all invocations of the process, made when the first report is asked for. */
function reportStore(): ReportStore {
  const bucket = process.env.REPORTS_BUCKET;
  if (!bucket) throw new Error('The environment variable REPORTS_BUCKET must name the bucket of the reports.');
  store ??= s3Store(bucket);
  return store;
}

/** A PDF about the flights between two days. Nothing but the input, the request's id and who asked decides what it writes. */
export default defineHandler({
  input,
  run: (context: ReportContext) => generateReport(context, { store: reportStore() }),
});
