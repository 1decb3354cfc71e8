export { type Console, type ConsoleSources, startConsole } from './console';
export type { KnownQueue } from './queues';
export { Recorder } from './recorder';
export type { KnownTable } from './tables';
export type { AuthKind, GatewayInfo, InputExample, RunInfo } from './types';
