export * from './env';
export * from './tables';
