import { DEFAULTS, ENV } from '../../src/contract';

/** The tables of one Streamer API. The environment variables of the API's functions contain the names of the tables. */
export interface ApiTables {
  /** Name of the API. It is also the value of the dimension `api` of the API's metrics. */
  readonly api: string;
  readonly requestsTable: string;
  readonly eventsTable: string;
  readonly retentionSeconds: number;
}

export type Environment = Readonly<Record<string, string>>;

/**
 * Finds the Streamer APIs to which functions belong. Functions of one API have the same requests table in their
 * environment variables.
 */
export function apisOf(environments: readonly Environment[]): ApiTables[] {
  const byTable = new Map<string, Environment[]>();
  for (const environment of environments) {
    const table = environment[ENV.requestsTable];
    if (table) byTable.set(table, [...(byTable.get(table) ?? []), environment]);
  }
  return [...byTable].flatMap(([requestsTable, members]) => {
    const firstOf = (name: string) => members.find((member) => member[name])?.[name];
    const eventsTable = firstOf(ENV.eventsTable);
    if (eventsTable === undefined) return [];
    const retentionSeconds = Number(firstOf(ENV.retentionSeconds) ?? DEFAULTS.retentionSeconds);
    return [{ api: firstOf(ENV.apiName) ?? requestsTable, requestsTable, eventsTable, retentionSeconds }];
  });
}
