const MINUTE = 60_000;

/** Periods that end now, for filters. */
export const PERIODS: readonly {
  readonly value: string;
  readonly label: string;
  /** Label of the time at which the period begins. */
  readonly ago: string;
  readonly ms: number;
}[] = [
  { value: '5m', label: 'Last 5 minutes', ago: '5 minutes ago', ms: 5 * MINUTE },
  { value: '15m', label: 'Last 15 minutes', ago: '15 minutes ago', ms: 15 * MINUTE },
  { value: '1h', label: 'Last hour', ago: '1 hour ago', ms: 60 * MINUTE },
  { value: '24h', label: 'Last 24 hours', ago: '24 hours ago', ms: 24 * 60 * MINUTE },
];
