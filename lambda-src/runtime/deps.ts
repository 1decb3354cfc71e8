import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Deps, Gateway, Log } from '../flows/ports';
import { ManagementApi } from '../gateway/management-api';
import { DynamoStore } from '../stores/dynamo-store';
import { readEnv, tableNames } from './config';
import { world } from './world';

/** Adapters that a function makes once: clients keep their sockets between invocations. */
export interface Adapters {
  deps(log: Log): Deps;
}

/** @param gateway `false` for a function that never posts, so that it needs no such client */
export function createAdapters(log: Log, options: { readonly gateway: boolean }): Adapters {
  const store = new DynamoStore(new DynamoDBClient({}), tableNames(), world.newId);
  const gateway = options.gateway ? managementApi(log) : noGateway;
  const retentionSeconds = Number(readEnv(['retentionSeconds']).retentionSeconds);
  return { deps: (invocationLog) => ({ store, gateway, world, retentionSeconds, log: invocationLog }) };
}

function managementApi(log: Log): Gateway {
  const { callbackUrl } = readEnv(['callbackUrl']);
  return new ManagementApi(new ApiGatewayManagementApiClient({ endpoint: callbackUrl }), log);
}

/** For functions that answer through the route response only. */
const noGateway: Gateway = {
  post: () => Promise.reject(new Error('this function has no right to post to connections')),
};
