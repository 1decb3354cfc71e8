import type { Construct } from 'constructs';
import { allowLogs } from '../grants/encryption';
import { acknowledgeConnections } from '../grants/nag';
import { Actions } from '../handlers/actions';
import { Handlers } from '../handlers/handlers';
import type { ResolvedProps } from '../resolve-settings';
import { storesOf } from '../stores';
import { createTables } from '../stores/tables';
import type { StreamerFunctions } from '../streamer-api-interface';
import { Dispatcher } from './dispatcher';
import type { ApiPart, PartContext } from './part';
import { Router } from './router';
import { Sweeper } from './sweeper';
import { StreamerWebSocketApi } from './websocket-api';

/** The parts that every API has. */
export interface Core extends PartContext, ApiPart {
  readonly functions: StreamerFunctions;
}

/** Creates the parts that every API has: tables, router, authorizer, WebSocket API, dispatcher and sweeper. */
export function createCore(scope: Construct, props: ResolvedProps): Core {
  const { settings, topics } = props;
  if (settings.encryptionKey) allowLogs(scope, settings.encryptionKey);
  const handlers = createHandlers(scope, props);
  const tables = props.tables ?? createTables(scope, props.newTables);
  const stores = storesOf(tables);
  const router = new Router(scope, 'Router', { settings, handlers, stores, topics, options: props.router });
  const auth = props.auth._bind(scope, settings);
  const webSocket = new StreamerWebSocketApi(scope, 'WebSocket', { ...props, router: router.function.target, auth });
  acknowledgeConnections(scope, webSocket.api, webSocket.stage.stageName);
  const dispatcher = new Dispatcher(scope, 'Dispatcher', { settings, handlers, stores, webSocket });
  const sweeper = new Sweeper(scope, 'Sweeper', { settings, stores });
  return {
    ...{ scope, props, tables, stores, handlers, router, webSocket },
    functions: {
      authorizer: auth.authorizer,
      router: router.function,
      dispatcher: dispatcher.function,
      sweeper: sweeper.function,
    },
    settle: () => {
      router.settleRemotes();
      handlers.settle();
    },
  };
}

function createHandlers(scope: Construct, { settings, topics, bundling, router }: ResolvedProps): Handlers {
  const { projectRoot, functionDefaults } = settings;
  return new Handlers(scope, projectRoot, { topics: topics !== undefined, functionDefaults, bundling, router });
}

/** Creates the actions of the API, to which handlers can be added until synthesis starts. */
export function createActions({ scope, props, handlers, stores, webSocket, router }: PartContext): Actions {
  const { settings, bundling, handlerStacks } = props;
  return new Actions({ scope, settings, bundling, handlerStacks, handlers, stores, webSocket, router });
}
