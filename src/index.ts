export * from './options/streamer-auth';
export * from './options/streamer-domain';
export * from './options/streamer-handler';
export * from './options/streamer-limits';
export * from './streamer-action';
export * from './streamer-api';
export * from './streamer-api-props';
export * from './streamer-tables';
