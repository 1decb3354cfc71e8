/** `cdk-streamer-client/store`: requests, topics and the connection as stores for any user-interface library. */

export { ConnectionStore, type ConnectionView } from './connection-store';
export { type RequestListOptions, RequestListStore, type RequestListView } from './request-list-store';
export { RequestStore, type RequestStoreOptions, type RequestView, type StartOptions } from './request-store';
export type { SnapshotStorage } from './storage';
export type { ReadableStore } from './store';
export { StreamerStores } from './stores';
export { TopicStore, type TopicStoreOptions, type TopicView } from './topic-store';
