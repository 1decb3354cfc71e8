export { type PrintOptions, printer } from './print';
export { startLocalRun } from './start-local-run';
export { TempDir } from './temp-dir';
export type { LocalRun, LocalRunOptions, RunLimits, RunningFunction } from './types';
