import { ENV } from '../../src/contract';

/** The tables of one Streamer API, from its functions' environments. */
export interface StreamerTables {
  readonly requestsTable: string;
  readonly eventsTable: string;
}

export type Environment = Readonly<Record<string, string>>;

/** Finds the Streamer APIs that a run's functions belong to. Functions of one API name the same requests table. */
export function streamerApis(environments: readonly Environment[]): StreamerTables[] {
  const byTable = new Map<string, Environment[]>();
  for (const environment of environments) {
    const table = environment[ENV.requestsTable];
    if (table) byTable.set(table, [...(byTable.get(table) ?? []), environment]);
  }
  return [...byTable].flatMap(([requestsTable, members]) => {
    const eventsTable = members.find((member) => member[ENV.eventsTable])?.[ENV.eventsTable];
    return eventsTable === undefined ? [] : [{ requestsTable, eventsTable }];
  });
}
