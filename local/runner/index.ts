export { type PrintOptions, printer } from './print';
export { startLocalRun } from './start-local-run';
export type { LocalRun, LocalRunOptions, RunLimits, RunningFunction } from './types';
