export * from './options/streamer-auth';
export * from './options/streamer-handler';
export * from './streamer-action';
export * from './streamer-api';
export * from './streamer-api-props';
