import { Tags } from 'aws-cdk-lib';
import type { ThrottleSettings, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Construct } from 'constructs';
import { CloudWatchRole } from './parts/cloud-watch-role';
import { Dispatcher } from './parts/dispatcher';
import { Processor } from './parts/processor';
import { Router } from './parts/router';
import { Sweeper } from './parts/sweeper';
import { StreamerWebSocketApi } from './parts/websocket-api';
import { acknowledgeConnections } from './private/acknowledge';
import type { AuthBinding } from './private/auth';
import { allowLogs } from './private/encryption';
import { reject } from './private/errors';
import { type Handlers, locateHandlers } from './private/handlers';
import { ImportedStreamerApi } from './private/imported-api';
import { resolveSettings, resolveTableOptions, type Settings } from './private/settings';
import { StreamerApiBase } from './private/streamer-api-base';
import { validateApi } from './private/validate-api';
import { type Stores, storesOf } from './stores';
import { createTables } from './stores/tables';
import { StreamerAction } from './streamer-action';
import type { IStreamerApi, StreamerApiAttributes, StreamerFunctions } from './streamer-api-interface';
import type { StreamerApiProps } from './streamer-api-props';
import type { IStreamerTables } from './streamer-tables';

/** A WebSocket API whose requests are answered by handlers, at once or with live progress. */
export class StreamerApi extends StreamerApiBase {
  /** An API that another app creates. */
  public static fromStreamerApiAttributes(
    scope: Construct,
    id: string,
    attributes: StreamerApiAttributes,
  ): IStreamerApi {
    return new ImportedStreamerApi(scope, id, attributes);
  }

  /** Address that clients connect to: `wss://…`. */
  public readonly url: string;

  /** Address of the `@connections` API: `https://…`. */
  public readonly callbackUrl: string;

  /** Id of the API in API Gateway. */
  public readonly apiId: string;

  /** Name of the API's stage. */
  public readonly stageName: string;

  /** The WebSocket API. */
  public readonly api: WebSocketApi;

  /** The API's stage. */
  public readonly stage: WebSocketStage;

  /** The tables: those that it made, or was given. */
  public readonly tables: IStreamerTables;

  /** Its functions, beside those of its handlers. */
  public readonly functions: StreamerFunctions;

  private readonly actions: ReadonlyMap<string, StreamerAction>;

  public constructor(scope: Construct, id: string, props: StreamerApiProps) {
    super(scope, id);
    validateApi(props);
    const settings = resolveSettings(this, props);
    if (settings.encryptionKey) allowLogs(this, settings.encryptionKey);
    const handlers = locateHandlers(this, settings.projectRoot, props.handlers);
    this.tables = props.tables ?? createTables(this, resolveTableOptions(props));
    const stores = storesOf(this.tables);
    const router = new Router(this, 'Router', { settings, handlers, stores });
    const auth = props.auth._bind(this, settings);
    const webSocket = this.createWebSocketApi(props, settings, router, auth);
    const processors = this.createProcessors(settings, handlers, stores, webSocket);
    const dispatcher = new Dispatcher(this, 'Dispatcher', { settings, stores, webSocket, processors });
    const sweeper = new Sweeper(this, 'Sweeper', { settings, stores, handlers });

    this.api = webSocket.api;
    this.stage = webSocket.stage;
    this.url = webSocket.url;
    this.callbackUrl = webSocket.callbackUrl;
    this.apiId = webSocket.api.apiId;
    this.stageName = webSocket.stage.stageName;
    this.functions = {
      authorizer: auth.authorizer,
      router: router.function,
      dispatcher: dispatcher.function,
      sweeper: sweeper.function,
    };
    this.actions = collectActions(handlers, router, processors);
    for (const [name, value] of Object.entries(props.tags ?? {})) Tags.of(this).add(name, value);
  }

  /**
   * What runs an action, to grant it permissions or to read its queues.
   *
   * @param action one of the keys of `handlers`
   */
  public handler(action: string): StreamerAction {
    return this.actions.get(action) ?? reject('handler', `name one of ${[...this.actions.keys()].join(', ')}`, action);
  }

  private createWebSocketApi(
    props: StreamerApiProps,
    settings: Settings,
    router: Router,
    auth: AuthBinding,
  ): StreamerWebSocketApi {
    const webSocket = new StreamerWebSocketApi(this, 'WebSocket', {
      router: router.function,
      auth,
      stageName: props.stageName ?? 'v1',
      throttle: props.throttle ?? DEFAULT_THROTTLE,
      settings,
      accessLogging: props.accessLogging ?? true,
      accessLogFormat: props.accessLogFormat ?? undefined,
      domain: props.domain ?? undefined,
    });
    acknowledgeConnections(this, webSocket.api, webSocket.stage.stageName);
    // the stage has the access log, which needs the account's role first
    if (props.cloudWatchRole) webSocket.stage.node.addDependency(new CloudWatchRole(this, 'CloudWatchRole'));
    return webSocket;
  }

  private createProcessors(
    settings: Settings,
    handlers: Handlers,
    stores: Stores,
    webSocket: StreamerWebSocketApi,
  ): Map<string, Processor> {
    const scope = new Construct(this, 'Processors');
    return new Map(
      handlers.async.map((handler) => [
        handler.action,
        new Processor(scope, handler.action, { settings, handler, stores, webSocket }),
      ]),
    );
  }
}

const DEFAULT_THROTTLE: ThrottleSettings = { rateLimit: 1000, burstLimit: 500 };

function collectActions(
  handlers: Handlers,
  router: Router,
  processors: ReadonlyMap<string, Processor>,
): Map<string, StreamerAction> {
  const sync = handlers.sync.map(({ action }) => [action, new StreamerAction(router.function)] as const);
  const own = [...processors].map(
    ([action, each]) => [action, new StreamerAction(each.function, each.queue, each.deadLetterQueue)] as const,
  );
  return new Map([...sync, ...own]);
}
