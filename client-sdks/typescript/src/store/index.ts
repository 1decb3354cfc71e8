/** `cdk-streamer-client/store`: requests, topics and the connection as stores for any user-interface library. */

export type { ConnectionStore, ConnectionView } from './connection-store';
export type { RequestListOptions, RequestListStore, RequestListView } from './request-list-store';
export type { RequestStore, RequestStoreOptions, StartOptions } from './request-store';
export type { RequestView } from './request-view';
export type { SnapshotStorage } from './storage';
export type { ReadableStore } from './store';
export { StreamerStores } from './stores';
export type { TopicStore, TopicStoreOptions, TopicView } from './topic-store';
