import type { Flight } from './dataset';

/** A flight counts as late from here on, as the US Department of Transportation counts. Minutes. */
export const LATE_MINUTES = 15;

export interface Statistics {
  flights: number;
  /** Share of the flights less than 15 minutes late, 0 to 1. */
  onTime: number;
  /** Minutes; early flights count as negative. */
  meanDelay: number;
  medianDelay: number;
  /** Nine flights in ten were delayed by no more than this, minutes. */
  p90Delay: number;
  maxDelay: number;
  /** Miles. */
  meanDistance: number;
}

/** The flights of one cell: enough to give exact figures, not estimates. */
export class Tally {
  private readonly delays: number[] = [];
  private miles = 0;

  add(flight: Flight): void {
    this.delays.push(flight.delay);
    this.miles += flight.distance;
  }

  /** `undefined` for a cell without flights: there is no mean of nothing. */
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

/** Linear interpolation between the closest ranks (Hyndman and Fan's type 7). `sorted` is ascending and not empty. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const rank = (sorted.length - 1) * share;
  const low = Math.floor(rank);
  const high = Math.ceil(rank);
  return sorted[low] + (sorted[high] - sorted[low]) * (rank - low);
}
