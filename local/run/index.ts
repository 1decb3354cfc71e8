export type { InputExample } from '../console';
export { FRESH_COMMAND } from './context';
export { visitorSecret } from './from-template/visitors';
export { type PrintOptions, printer } from './log/print';
export type { Locate, Origin, Place, Sources } from './log/stack';
export type { RunInfo } from './run-info';
export { startLocalRun } from './start-local-run';
export { TempDir } from './temp-dir';
export type { LocalRun, LocalRunOptions, RunLimits, RunningFunction } from './types';
