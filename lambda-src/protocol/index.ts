export { exceedsBytes } from './bytes';
export * from './constants';
export * from './errors';
export * from './messages';
export * from './validate';
