import type { ActionsOf, InputOf, ListedRequest, ResultOf } from 'cdk-streamer-client';

/**
 * The actions of the API, as their handlers define them. The page imports only types, so it contains no code of a
 * handler.
 */
export type Actions = ActionsOf<{
  echo: typeof import('../../handlers/echo');
  generate_report: typeof import('../../handlers/report');
}>;

export type ReportInput = InputOf<Actions['generate_report']>;
/** A report in the list of the user's requests. */
export type ListedReport = ListedRequest<Pick<Actions, 'generate_report'>>;
export type ReportResult = ResultOf<Actions['generate_report']>;
