export * from './constants';
export * from './errors';
export * from './messages';
export { exceedsBytes, type StructureFault } from './structure';
export * from './validate';
