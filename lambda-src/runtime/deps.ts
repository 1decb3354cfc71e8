import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { direct } from '../aws/direct/direct-client';
import { DYNAMODB } from '../aws/direct/dynamodb';
import { DynamoStore } from '../aws/dynamodb/store';
import type { Deps, Gateway, Log } from '../flows/ports';
import { REQUEST_HANDLER, readEnv, readLimits, tableNames } from './config';
import { platform } from './platform';

/** Creates the dependencies of a function. A function creates them once, because clients keep their sockets between invocations. */
export function createDeps(log: Log, gateway: Gateway = noGateway): Deps {
  const retentionSeconds = Number(readEnv(['retentionSeconds']).retentionSeconds);
  return { store: createStore(), gateway, platform, retentionSeconds, limits: readLimits(), log };
}

/** Creates the store with the tables that this function has access to. */
export function createStore(): DynamoStore {
  return new DynamoStore(
    direct(new DynamoDBClient({ requestHandler: REQUEST_HANDLER }), DYNAMODB),
    tableNames(),
    platform,
  );
}

/**
 * Gateway of functions that answer only through the route response. They contain no client for `@connections`, because they have no permission to use
 * it.
 */
const noGateway: Gateway = {
  post: () => Promise.reject(new Error('this function has no permission to post to connections')),
};
