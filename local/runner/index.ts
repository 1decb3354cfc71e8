export { type PrintOptions, printer } from './print';
export type { RunInfo } from './run-info';
export type { Locate, Origin, Place, Sources } from './stack';
export { startLocalRun } from './start-local-run';
export { TempDir } from './temp-dir';
export type { LocalRun, LocalRunOptions, RunLimits, RunningFunction } from './types';
export { visitorSecret } from './visitors';
