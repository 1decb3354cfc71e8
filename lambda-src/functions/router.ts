import type { APIGatewayProxyResultV2 } from 'aws-lambda';
import { type AcceptConfig, METRICS, type MetricOf } from '../../src/contract';
import { type Connection, connect, connectionOf, disconnect, hasExpired } from '../flows/connect/connection';
import type { RunHandler } from '../flows/handlers/context';
import { handlerOf, inputOf, type Module, messagesOf, type RunnableHandler, schemaOf } from '../flows/handlers/input';
import type { Deps } from '../flows/ports';
import { type Action, type AnswerTopic, route } from '../flows/requests/route';
import { CONSTANTS } from '../protocol';
import { createDeps, createLogger, createMetrics, type LoadModule, logWith, readEnv, UserModules } from '../runtime';

/** The actions of the generated entry. Sync actions have a handler or a proxy. All other actions have only a schema. */
export interface RouterOptions {
  readonly actions: Readonly<Record<string, SyncAction | AsyncAction>>;
  /** Serves topics, if the API has topics. */
  readonly topics?: AnswerTopic;
}

type SyncAction = LocalAction | RemoteAction;

/** A handler that runs in this process. */
interface LocalAction {
  readonly kind: 'sync';
  /** Loads the handler's module. */
  readonly load: LoadModule;
}

interface RemoteAction {
  readonly kind: 'sync';
  /** The proxy that invokes the action's function. */
  readonly handler: RunnableHandler;
  /** Loads the schema module, if the handler is a function without a schema. */
  readonly schema?: LoadModule;
}

interface AsyncAction extends AcceptConfig {
  readonly kind: 'async';
  readonly schema?: LoadModule;
}

/** The parts of API Gateway's event that the router reads. */
export interface WebSocketEvent {
  readonly requestContext: {
    readonly routeKey: string;
    readonly connectionId: string;
    readonly connectedAt: number;
    readonly requestId: string;
    readonly authorizer?: Readonly<Record<string, unknown>>;
  };
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

const logger = createLogger('router');
const metrics = createMetrics('router');

/** Creates the function behind `$connect`, `$disconnect` and `$default`. */
export function createRouter(options: RouterOptions) {
  const actions = actionsOf(options);
  const syncTimeoutMs = Number(readEnv(['syncTimeoutMs']).syncTimeoutMs);
  const shared = createDeps(logWith(logger));

  return async (event: WebSocketEvent): Promise<APIGatewayProxyResultV2> => {
    const { routeKey, connectionId, requestId } = event.requestContext;
    const deps = { ...shared, log: logWith(logger, { connectionId, requestId }) };
    const connection = connectionOf(event.requestContext);
    if (routeKey === '$connect') return open(deps, connection, event);
    if (routeKey === '$disconnect') return close(deps, connection);
    const answer = await route(
      { ...deps, actions, topics: options.topics, syncTimeoutMs },
      connection,
      event.body ?? '',
    );
    count(answer.type === 'error' ? METRICS.messagesRefused : METRICS.messagesAnswered);
    return { statusCode: 200, body: JSON.stringify(answer) };
  };
}

/** Returns the actions by name. If a module cannot be loaded, only its own action fails. */
function actionsOf({ actions }: RouterOptions): ReadonlyMap<string, Action> {
  const modules = new UserModules(logWith(logger));
  return new Map(
    Object.entries(actions).map(([name, action]): [string, Action] => {
      if (action.kind === 'async') {
        const { schema: load, ...config } = action;
        const messages = load && modules.add(`the message schemas of ${name}`, load, (module) => messagesOf(module));
        return [name, { ...config, schema: schemaFrom(modules, name, action), messages }];
      }
      if ('handler' in action) {
        return [name, { kind: 'sync', schema: schemaFrom(modules, name, action), run: action.handler.run }];
      }
      const handler = modules.add(`the handler of ${name}`, action.load, handlerOf);
      const run: RunHandler = async (context) => (await handler()).run(context);
      return [name, { kind: 'sync', schema: async () => inputOf(await handler()), run }];
    }),
  );
}

function schemaFrom(modules: UserModules, name: string, { schema }: { readonly schema?: LoadModule }) {
  return schema && modules.add(`the schema of ${name}`, schema, (module: Module) => schemaOf(module));
}

async function open(deps: Deps, connection: Connection, event: WebSocketEvent) {
  if (hasExpired(connection, deps.platform.now())) {
    deps.log.warn("`exp` of the authorizer's context has passed", { exp: connection.authExp });
    return { statusCode: 401 };
  }
  await connect(deps, connection);
  count(METRICS.connectionsOpened);
  // The answer may only contain a subprotocol that the client offered. It must never contain the subprotocol with the token.
  return offers(event, CONSTANTS.subprotocol)
    ? { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': CONSTANTS.subprotocol } }
    : { statusCode: 200 };
}

async function close(deps: Deps, connection: Connection) {
  await disconnect(deps, connection);
  count(METRICS.connectionsClosed);
  return { statusCode: 200 };
}

function offers({ headers = {} }: WebSocketEvent, subprotocol: string): boolean {
  const [, value = ''] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol') ?? [];
  return value.split(',').some((offered) => offered.trim() === subprotocol);
}

function count(metric: MetricOf<'router'>): void {
  metrics.add(metric, 1);
  metrics.publish();
}
