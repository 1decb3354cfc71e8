export * from './config';
export * from './defaults';
export * from './env';
export * from './items';
export * from './metadata';
export * from './metrics';
export * from './tables';
