/** Result of one process. */
export interface Simulated {
  readonly code: number;
  readonly simulations: number;
  readonly violations: number;
}

export declare function simulate(options: {
  readonly seed: number;
  readonly runs: number;
  readonly processes: number;
}): Promise<Simulated[]>;
