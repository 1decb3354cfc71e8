import type { Meter, TableUsage } from './meter';

type Detail = 'NONE' | 'TOTAL' | 'INDEXES';

/** The `ConsumedCapacity` of an operation on one table, or undefined where the caller did not ask. */
export function consumedCapacity(meter: Meter, detail: unknown): object | undefined {
  return consumedCapacities(meter, detail)?.[0];
}

/** The `ConsumedCapacity` of an operation on several tables. */
export function consumedCapacities(meter: Meter, detail: unknown): object[] | undefined {
  if (detail !== 'TOTAL' && detail !== 'INDEXES') return undefined;
  return meter.usages().map((usage) => describe(usage, detail, meter.factor === 2));
}

/** All units of a usage, its indexes included. */
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

/** The response separates read and write units only for transactions. */
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
