import { VARIABLES } from './streamer-format';

/** The tables of one Streamer API, and what its functions' environments say of its actions. */
export interface StreamerTables {
  readonly requestsTable: string;
  readonly eventsTable: string;
  /** Names of the async actions. */
  readonly actions: readonly string[];
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
    const actions = members.flatMap((member) => Object.keys(objectIn(member[VARIABLES.actions])));
    const queues = new Map(members.flatMap((member) => Object.entries(objectIn(member[VARIABLES.queues]))));
    const names = [...new Set([...actions, ...queues.keys()])].sort();
    return [{ requestsTable, eventsTable, actions: names, queues: queues as StreamerTables['queues'] }];
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
