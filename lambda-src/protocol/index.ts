export * from './constants';
export * from './errors';
export * from './messages';
export { exceedsBytes } from './structure';
export * from './validate';
