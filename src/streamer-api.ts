import { Duration, Names, RemovalPolicy } from 'aws-cdk-lib';
import type { ThrottleSettings, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
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
import { type Stores, storesOf } from './stores';
import { createTables, type TableOptions } from './stores/tables';
import { StreamerAction } from './streamer-action';
import type { StreamerApiProps } from './streamer-api-props';
import type { IStreamerTables } from './streamer-tables';

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

  /** The tables: those that it made, or was given. */
  public readonly tables: IStreamerTables;

  private readonly actions: ReadonlyMap<string, StreamerAction>;

  public constructor(scope: Construct, id: string, props: StreamerApiProps) {
    super(scope, id);
    validate(props);
    const settings = resolveSettings(this, props);
    const handlers = locateHandlers(this, settings.projectRoot, props.handlers);
    this.tables = props.tables ?? createTables(this, resolveTableOptions(props));
    const stores = storesOf(this.tables);
    const router = new Router(this, 'Router', { settings, handlers, stores });
    const webSocket = this.createWebSocketApi(props, settings, router);
    const processors = this.createProcessors(settings, handlers, stores, webSocket);
    new Dispatcher(this, 'Dispatcher', { settings, stores, webSocket, processors });
    new Sweeper(this, 'Sweeper', { settings, stores, handlers });

    this.api = webSocket.api;
    this.stage = webSocket.stage;
    this.url = webSocket.url;
    this.callbackUrl = webSocket.callbackUrl;
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

  private createWebSocketApi(props: StreamerApiProps, settings: Settings, router: Router): StreamerWebSocketApi {
    const webSocket = new StreamerWebSocketApi(this, 'WebSocket', {
      router: router.function,
      auth: props.auth._bind(this, settings),
      stageName: props.stageName ?? 'v1',
      throttle: props.throttle ?? DEFAULT_THROTTLE,
      settings,
      accessLogging: props.accessLogging ?? true,
      accessLogFormat: props.accessLogFormat,
      domain: props.domain,
    });
    acknowledgeConnections(this, webSocket.api, webSocket.stage.stageName);
    // the stage has the access log, which needs the account's role first
    if (props.cloudWatchRole) webSocket.stage.node.addDependency(new AccountLogging(this, 'AccountLogging'));
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

function resolveSettings(scope: Construct, props: StreamerApiProps): Settings {
  return {
    projectRoot: findProjectRoot(props.projectRoot),
    retention: props.retention ?? Duration.days(7),
    syncTimeout: props.syncTimeout ?? Duration.seconds(5),
    logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
    encryptionKey: props.encryptionKey,
    tracing: props.tracing ?? Tracing.DISABLED,
    apiName: Names.uniqueResourceName(scope, { maxLength: 128 }),
    limits: {
      maxInputBytes: props.limits?.maxInputSize?.toBytes(),
      maxResultBytes: props.limits?.maxResultSize?.toBytes(),
      maxEvents: props.limits?.maxEvents ?? 10_000,
    },
  };
}

function resolveTableOptions({ removalPolicy = RemovalPolicy.RETAIN, ...props }: StreamerApiProps): TableOptions {
  return {
    removalPolicy,
    deletionProtection: props.deletionProtection ?? removalPolicy === RemovalPolicy.RETAIN,
    pointInTimeRecovery: props.pointInTimeRecovery ?? true,
    encryptionKey: props.encryptionKey,
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
