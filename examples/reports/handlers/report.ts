import { defineHandler } from 'cdk-streamer/handler';
import { generateReport, type ReportContext } from '../report/generate';
import { type ReportStore, s3Store } from '../report/upload';
import { input, messages } from './report.schema';

let store: ReportStore | undefined;

/** Returns the client that all invocations of the process share; the first report creates it. */
function reportStore(): ReportStore {
  const bucket = process.env.REPORTS_BUCKET;
  if (!bucket) throw new Error('The environment variable REPORTS_BUCKET must name the bucket of the reports.');
  store ??= s3Store(bucket);
  return store;
}

/**
 * Creates a PDF about the flights between two days. The PDF depends only on the input, the request's id and the user.
 */
export default defineHandler({
  input,
  messages,
  run: (context: ReportContext) => generateReport(context, { store: reportStore() }),
});
