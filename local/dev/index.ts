export { DEV_CONTEXT } from './bundle-spec';
export { SourceMaps } from './source-maps';
export { type Reloading, type ReloadOptions, startReloading } from './start-reloading';
