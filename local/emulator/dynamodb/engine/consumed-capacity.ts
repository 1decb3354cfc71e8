import type { Meter, TableUsage } from './meter';

type Detail = 'NONE' | 'TOTAL' | 'INDEXES';

/** Returns the `ConsumedCapacity` of an operation on one table, or undefined if the caller did not request it. */
export function consumedCapacity(meter: Meter, detail: unknown): object | undefined {
  return consumedCapacities(meter, detail)?.[0];
}

/** Returns the `ConsumedCapacity` of an operation on several tables. */
export function consumedCapacities(meter: Meter, detail: unknown): object[] | undefined {
  if (detail !== 'TOTAL' && detail !== 'INDEXES') return undefined;
  return meter.usages().map((usage) => describe(usage, detail, meter.factor === 2));
}

/** Returns the sum of the units of a table and its indexes. */
export function totalUnits(usage: TableUsage): { readUnits: number; writeUnits: number } {
  let { readUnits, writeUnits } = usage;
  for (const index of usage.indexes.values()) {
    readUnits += index.readUnits;
    writeUnits += index.writeUnits;
  }
  return { readUnits, writeUnits };
}

function describe(usage: TableUsage, detail: Detail, transactional: boolean): object {
  return {
    TableName: usage.table.name,
    ...units(totalUnits(usage), transactional),
    ...(detail === 'INDEXES' && { Table: units(usage, transactional), ...indexUnits(usage, transactional) }),
  };
}

/** Returns the units for a response. Only a transaction has separate read and write units in the response. */
function units(usage: { readUnits: number; writeUnits: number }, transactional: boolean): object {
  const { readUnits, writeUnits } = usage;
  return {
    CapacityUnits: readUnits + writeUnits,
    ...(transactional && readUnits > 0 && { ReadCapacityUnits: readUnits }),
    ...(transactional && writeUnits > 0 && { WriteCapacityUnits: writeUnits }),
  };
}

function indexUnits(usage: TableUsage, transactional: boolean): object {
  const local = new Set(usage.table.description.LocalSecondaryIndexes?.map((index) => index.IndexName));
  const entries = [...usage.indexes].map(([name, index]) => [name, units(index, transactional)] as const);
  const localEntries = entries.filter(([name]) => local.has(name));
  const globalEntries = entries.filter(([name]) => !local.has(name));
  return {
    ...(localEntries.length > 0 && { LocalSecondaryIndexes: Object.fromEntries(localEntries) }),
    ...(globalEntries.length > 0 && { GlobalSecondaryIndexes: Object.fromEntries(globalEntries) }),
  };
}
