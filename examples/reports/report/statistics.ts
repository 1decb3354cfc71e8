import type { Flight } from './dataset';

/** Delay in minutes from which a flight is late, as the US Department of Transportation defines it. */
export const LATE_MINUTES = 15;

export interface Statistics {
  flights: number;
  /** Share of flights with a delay of less than 15 minutes, from 0 to 1. */
  onTime: number;
  /** Mean delay in minutes. The delay of an early flight is negative. */
  meanDelay: number;
  medianDelay: number;
  /** Delay in minutes that 90 % of the flights do not exceed. */
  p90Delay: number;
  maxDelay: number;
  /** Mean distance in miles. */
  meanDistance: number;
}

/** All flights of one cell. They are kept so that the statistics are exact, not estimated. */
export class Tally {
  private readonly delays: number[] = [];
  private miles = 0;

  add(flight: Flight): void {
    this.delays.push(flight.delay);
    this.miles += flight.distance;
  }

  /** Returns the statistics, or `undefined` for a cell without flights. */
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

/**
 * Returns a quantile by linear interpolation between the closest ranks (type 7 of Hyndman and Fan). `sorted` must be in
 * ascending order and not empty.
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const rank = (sorted.length - 1) * share;
  const low = Math.floor(rank);
  const high = Math.ceil(rank);
  return sorted[low] + (sorted[high] - sorted[low]) * (rank - low);
}
