import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { allowLogs } from '../grants/encryption';
import type { PublishTarget } from '../grants/programs';
import { Actions } from '../handlers/actions';
import { Handlers } from '../handlers/handlers';
import type { IStreamerTables } from '../options/streamer-tables-options';
import type { ResolvedProps } from '../resolve-settings';
import { createBucket } from '../stores/payloads';
import { type Stores, storesOf } from '../stores/stores';
import { createTables } from '../stores/tables';
import type { StreamerFunctions, StreamerTopicResources, StreamerWebhookResources } from '../streamer-api-interface';
import { Dispatcher } from './dispatcher';
import { Router } from './router';
import type { Schedules } from './schedules';
import { Sweeper } from './sweeper';
import { StreamerWebSocketApi } from './websocket-api';

/** A part of an API. It returns everything that the API lists, exposes and checks for this part. */
export interface ApiPart {
  /** Functions that the part creates, as `StreamerApi.functions` lists them. */
  readonly functions?: Partial<StreamerFunctions>;
  /** Resources of the part that the API exposes as its members. */
  readonly outputs?: Partial<PartOutputs>;
  /** Called when synthesis starts. At that time all handlers are known, and other aspects have not visited the functions yet. */
  readonly settle?: () => void;
  /** Returns errors that can be found only at the end of synthesis. */
  readonly checks?: () => string[];
}

export interface PartOutputs {
  readonly topics?: StreamerTopicResources;
  readonly webhook?: StreamerWebhookResources;
  readonly publishTarget?: PublishTarget;
  /** Returns the submit function. The first call creates it. */
  readonly submitFunction: () => IFunction;
  readonly schedules: Schedules;
}

/** The API to which a part belongs, with the resources that every API has. */
export interface PartContext {
  readonly scope: Construct;
  readonly props: ResolvedProps;
  readonly tables: IStreamerTables;
  readonly stores: Stores;
  readonly handlers: Handlers;
  readonly router: Router;
  readonly webSocket: StreamerWebSocketApi;
}

/** Creates a part, if the properties of the API require it. */
export type CreatePart = (context: PartContext) => ApiPart | undefined;

/** The parts that every API has. */
interface Core extends PartContext, ApiPart {
  readonly functions: StreamerFunctions;
}

/** Creates the parts that every API has: tables, router, authorizer, WebSocket API, dispatcher and sweeper. */
export function createCore(scope: Construct, props: ResolvedProps): Core {
  const { settings, topics } = props;
  if (settings.encryptionKey) allowLogs(scope, settings.encryptionKey);
  const handlers = createHandlers(scope, props);
  const tables = props.tables ?? createTables(scope, props.newTables);
  const payloads = props.payloads && (props.payloads.bucket ?? createBucket(scope, props.payloads));
  const stores = storesOf(tables, payloads);
  const router = new Router(scope, 'Router', { settings, handlers, stores, topics, options: props.router });
  const auth = props.auth._bind(scope, settings);
  const webSocket = new StreamerWebSocketApi(scope, 'WebSocket', { ...props, router: router.function.target, auth });
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
export function createActions(
  { scope, props, handlers, stores, webSocket, router }: PartContext,
  { schedules }: PartOutputs,
): Actions {
  const { settings, bundling, handlerStacks } = props;
  return new Actions({ scope, settings, bundling, handlerStacks, handlers, stores, webSocket, router, schedules });
}
