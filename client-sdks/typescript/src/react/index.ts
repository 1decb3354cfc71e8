/** `cdk-streamer-client/react`: hooks for requests, topics and the connection. They need React 18 or 19. */

export type { ConnectionResult, RequestListResult, RequestResult, TopicResult, UseRequestOptions } from './hooks';
export { createStreamerHooks, type StreamerHooks } from './hooks';
export type { StreamerProviderProps } from './provider';
