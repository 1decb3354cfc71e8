import type { Flight } from './dataset';

/** Minutes from which a flight counts as late, as defined by the US Department of Transportation. */
export const LATE_MINUTES = 15;

export interface Statistics {
  flights: number;
  /** Share of the flights that are less than 15 minutes late, 0 to 1. */
  onTime: number;
  /** Minutes; early flights count as negative. */
  meanDelay: number;
  medianDelay: number;
  /** Delay in minutes that 90 % of the flights do not exceed. */
  p90Delay: number;
  maxDelay: number;
  /** Miles. */
  meanDistance: number;
}

/** The flights of one cell, in full, so that the figures are exact and not estimated. */
export class Tally {
  private readonly delays: number[] = [];
  private miles = 0;

  add(flight: Flight): void {
    this.delays.push(flight.delay);
    this.miles += flight.distance;
  }

  /** `undefined` for a cell without flights, which has no mean. */
  statistics(): Statistics | undefined {
    if (this.delays.length === 0) return undefined;
    const sorted = Float64Array.from(this.delays).sort();
    return {
      flights: sorted.length,
      onTime: sorted.filter((delay) => delay < LATE_MINUTES).length / sorted.length,
      meanDelay: sorted.reduce((sum, delay) => sum + delay, 0) / sorted.length,
      medianDelay: quantile(sorted, 0.5),
      p90Delay: quantile(sorted, 0.9),
      maxDelay: sorted[sorted.length - 1],
      meanDistance: this.miles / sorted.length,
    };
  }
}

/** Quantile by linear interpolation between the closest ranks (type 7 of Hyndman and Fan). `sorted` is ascending and not empty. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const rank = (sorted.length - 1) * share;
  const low = Math.floor(rank);
  const high = Math.ceil(rank);
  return sorted[low] + (sorted[high] - sorted[low]) * (rank - low);
}
