import type { Call, CallTotals } from './types';

/** Adds up calls by operation and table. The memory for the sums does not grow with the number of calls. */
export class CallLedger {
  private readonly totals = new Map<string, CallTotals>();

  public add(call: Call): void {
    const key = `${call.operation} ${call.table}`;
    const before = this.totals.get(key) ?? { ...call, requests: 0, readUnits: 0, writeUnits: 0 };
    this.totals.set(key, {
      ...before,
      requests: before.requests + 1,
      readUnits: before.readUnits + call.readUnits,
      writeUnits: before.writeUnits + call.writeUnits,
    });
  }

  public list(): CallTotals[] {
    return [...this.totals.values()];
  }
}
