import type { ActionsOf, InputOf, ResultOf } from 'cdk-streamer-client';

/** The actions of the API as their handlers define them. Types only: nothing of a handler comes into the page. */
export type Actions = ActionsOf<{
  echo: typeof import('../../handlers/echo');
  generate_report: typeof import('../../handlers/report');
}>;

export type ReportInput = InputOf<Actions['generate_report']>;
export type ReportResult = ResultOf<Actions['generate_report']>;
