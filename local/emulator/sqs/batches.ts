import { batchErrors, SqsError } from './errors';
import { type Fields, objects } from './request-fields';

const MAX_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

interface BatchResult {
  readonly Successful: Fields[];
  readonly Failed: { Id: string; SenderFault: boolean; Code: string; Message: string }[];
}

/** Returns the entries of a batch request. It checks the rules for the whole batch. */
export function batchEntries(fields: Fields): Fields[] {
  const entries = objects(fields, 'Entries');
  if (entries.length === 0) throw batchErrors.empty();
  if (entries.length > MAX_ENTRIES) throw batchErrors.tooMany(entries.length);
  const ids = new Set<unknown>();
  for (const { Id } of entries) {
    if (typeof Id !== 'string' || !ENTRY_ID.test(Id)) throw batchErrors.invalidId();
    if (ids.has(Id)) throw batchErrors.notDistinct(Id);
    ids.add(Id);
  }
  return entries;
}

/** Executes each entry separately. If one fails, the others are still executed. */
export function runBatch(entries: readonly Fields[], run: (entry: Fields) => Fields): BatchResult {
  const result: BatchResult = { Successful: [], Failed: [] };
  for (const entry of entries) {
    const Id = entry.Id as string;
    try {
      result.Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      result.Failed.push({ Id, SenderFault: true, Code: error.queryCode, Message: error.message });
    }
  }
  return result;
}
