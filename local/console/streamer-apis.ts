import { VARIABLES } from './streamer-format';

/** The tables and queues of one Streamer API, by what its functions' environments say. */
export interface StreamerTables {
  readonly requestsTable: string;
  readonly eventsTable: string;
  /** URLs by action. */
  readonly queues: ReadonlyMap<string, { readonly queueUrl?: string; readonly deadLetterQueueUrl?: string }>;
}

export type Environment = Readonly<Record<string, string>>;

/** Finds the Streamer APIs that a run's functions belong to. Functions of one API name the same requests table. */
export function streamerApis(environments: readonly Environment[]): StreamerTables[] {
  const byTable = new Map<string, Environment[]>();
  for (const environment of environments) {
    const table = environment[VARIABLES.requests];
    if (table) byTable.set(table, [...(byTable.get(table) ?? []), environment]);
  }
  return [...byTable].flatMap(([requestsTable, members]) => {
    const eventsTable = members.find((member) => member[VARIABLES.events])?.[VARIABLES.events];
    if (eventsTable === undefined) return [];
    const queues = new Map(members.flatMap((member) => Object.entries(objectIn(member[VARIABLES.queues]))));
    return [{ requestsTable, eventsTable, queues: queues as StreamerTables['queues'] }];
  });
}

function objectIn(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
