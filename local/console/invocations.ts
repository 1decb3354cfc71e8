import type { InvocationReport } from '../emulator/lambda';
import type { Clock } from '../emulator/types';

const LAST = 200;

interface Stats {
  invocations: number;
  coldStarts: number;
  errors: number;
  lastError?: string;
  lastAt?: number;
  readonly durations: number[];
}

export type InvocationStats = Omit<Stats, 'durations'> & { readonly p50?: number; readonly p95?: number };

/** Collects statistics of the functions' invocations. */
export class Invocations {
  private readonly functions = new Map<string, Stats>();

  public constructor(private readonly clock: Clock) {}

  public add(functionName: string, { durationMs, initMs, errorType }: InvocationReport): void {
    const stats = this.functions.get(functionName) ?? { invocations: 0, coldStarts: 0, errors: 0, durations: [] };
    this.functions.set(functionName, stats);
    stats.invocations++;
    stats.lastAt = this.clock.now();
    if (initMs !== undefined) stats.coldStarts++;
    if (errorType !== undefined) {
      stats.errors++;
      stats.lastError = errorType;
    }
    stats.durations.push(durationMs);
    if (stats.durations.length > LAST) stats.durations.shift();
  }

  public of(functionName: string): InvocationStats {
    const stats = this.functions.get(functionName);
    if (!stats) return { invocations: 0, coldStarts: 0, errors: 0 };
    const { durations, ...counts } = stats;
    const sorted = [...durations].sort((a, b) => a - b);
    return { ...counts, p50: nearestRank(sorted, 0.5), p95: nearestRank(sorted, 0.95) };
  }
}

function nearestRank(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
