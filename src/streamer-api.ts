import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ThrottleSettings, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { AccountLogging } from './parts/account-logging';
import { Dispatcher } from './parts/dispatcher';
import { Processor } from './parts/processor';
import { Router } from './parts/router';
import { Sweeper } from './parts/sweeper';
import { StreamerWebSocketApi } from './parts/websocket-api';
import { acknowledgeConnections } from './private/acknowledge';
import { reject } from './private/errors';
import { type Handlers, locateHandlers } from './private/handlers';
import { findProjectRoot } from './private/project';
import type { Settings } from './private/settings';
import { validateDuration, validateInteger, validatePattern } from './private/validation';
import { createStores, type Stores } from './stores';
import { StreamerAction } from './streamer-action';
import type { StreamerApiProps } from './streamer-api-props';

/** A WebSocket API whose requests are answered by handlers, at once or with live progress. */
export class StreamerApi extends Construct {
  /** Address that clients connect to: `wss://…/<stage>`. */
  public readonly url: string;

  /** Address of the stage's `@connections` API: `https://…/<stage>`. */
  public readonly callbackUrl: string;

  /** The WebSocket API. */
  public readonly api: WebSocketApi;

  /** The API's stage. */
  public readonly stage: WebSocketStage;

  /** One item a connection. */
  public readonly connectionsTable: ITableV2;

  /** One item an async request. */
  public readonly requestsTable: ITableV2;

  /** One item a viewer of a request. */
  public readonly subscriptionsTable: ITableV2;

  /** The requests' logs. */
  public readonly eventsTable: ITableV2;

  private readonly actions: ReadonlyMap<string, StreamerAction>;

  public constructor(scope: Construct, id: string, props: StreamerApiProps) {
    super(scope, id);
    validate(props);
    const settings = resolveSettings(props);
    const handlers = locateHandlers(this, settings.projectRoot, props.handlers);
    const stores = createStores(this, { removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN });
    const router = new Router(this, 'Router', { settings, handlers, stores });
    const webSocket = this.createWebSocketApi(props, settings, router);
    const processors = this.createProcessors(settings, handlers, stores, webSocket);
    new Dispatcher(this, 'Dispatcher', { settings, stores, webSocket, processors });
    new Sweeper(this, 'Sweeper', { settings, stores, handlers });

    this.api = webSocket.api;
    this.stage = webSocket.stage;
    this.url = webSocket.stage.url;
    this.callbackUrl = webSocket.stage.callbackUrl;
    this.connectionsTable = stores.connections.table;
    this.requestsTable = stores.requests.table;
    this.subscriptionsTable = stores.subscriptions.table;
    this.eventsTable = stores.events.table;
    this.actions = collectActions(handlers, router, processors);
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
    { logRetention }: Settings,
    router: Router,
  ): StreamerWebSocketApi {
    const webSocket = new StreamerWebSocketApi(this, 'WebSocket', {
      router: router.function,
      authorizer: props.auth.bind(this, { logRetention }).authorizer,
      stageName: props.stageName ?? 'v1',
      throttle: props.throttle ?? DEFAULT_THROTTLE,
      logRetention,
    });
    acknowledgeConnections(this, webSocket.api, webSocket.stage.stageName);
    // the stage has the access log, which needs the account's role first
    if (props.accountLogging) webSocket.stage.node.addDependency(new AccountLogging(this, 'AccountLogging'));
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

function resolveSettings(props: StreamerApiProps): Settings {
  return {
    projectRoot: findProjectRoot(props.projectRoot),
    retention: props.retention ?? Duration.days(7),
    syncTimeout: props.syncTimeout ?? Duration.seconds(5),
    logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
  };
}

function validate(props: StreamerApiProps): void {
  validatePattern('stageName', props.stageName, /^[A-Za-z0-9_-]{1,128}$/, "be 1 to 128 letters, digits, '_' or '-'");
  validateDuration('retention', props.retention, Duration.hours(1), Duration.days(365));
  validateDuration('syncTimeout', props.syncTimeout, Duration.seconds(1), Duration.seconds(25));
  validateInteger('throttle.rateLimit', props.throttle?.rateLimit, 1, 1_000_000);
  validateInteger('throttle.burstLimit', props.throttle?.burstLimit, 1, 1_000_000);
}

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
