export { InputExamples } from './examples/input-examples';
export { SourceMaps } from './source-maps';
export { startMapping } from './start-mapping';
export { type Reloading, type ReloadOptions, startReloading } from './start-reloading';
