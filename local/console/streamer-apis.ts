import { ENV } from '../../src/contract';

/** The tables of one Streamer API. They are found in the environment variables of its functions. */
export interface StreamerTables {
  readonly requestsTable: string;
  readonly eventsTable: string;
}

export type Environment = Readonly<Record<string, string>>;

/** Finds the Streamer APIs of a run's functions. All functions of one API have the same requests table. */
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
