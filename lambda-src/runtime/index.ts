export * from './config';
export * from './deps';
export * from './observability';
export * from './platform';
export * from './user-modules';
