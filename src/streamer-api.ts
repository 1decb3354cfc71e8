import { Tags } from 'aws-cdk-lib';
import type { ThrottleSettings, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CloudWatchRole } from './parts/cloud-watch-role';
import { Dispatcher } from './parts/dispatcher';
import type { Isolated } from './parts/isolated';
import { Notifier } from './parts/notifier';
import { Processor } from './parts/processor';
import { Router } from './parts/router';
import { Submitter, type SubmitterProps } from './parts/submitter';
import { Sweeper } from './parts/sweeper';
import { createSyncFunctions } from './parts/sync-functions';
import { StreamerWebSocketApi } from './parts/websocket-api';
import { acknowledgeConnections } from './private/acknowledge';
import { createAnnouncements } from './private/announcements';
import type { AuthBinding } from './private/auth';
import { allowLogs } from './private/encryption';
import { reject } from './private/errors';
import { addFinalChecks } from './private/final-checks';
import type { PublishTarget } from './private/grant-publish';
import { type Handlers, locateHandlers } from './private/handlers';
import { ImportedStreamerApi } from './private/imported-api';
import { resolveSettings, resolveTableOptions, type Settings } from './private/settings';
import { StreamerApiBase } from './private/streamer-api-base';
import { resolveTopics } from './private/topics';
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

  /** What webhooks are signed with, for their receiver; none without `webhook`. */
  public readonly webhookSecret?: ISecret;

  /** Where webhooks go that were given up; none without `webhook`. */
  public readonly webhookDeadLetterQueue?: IQueue;

  /** What is published goes through it, a FIFO queue; none without `topics`. */
  public readonly publishQueue?: IQueue;

  /** Where messages go that could not be published; none without `topics`. */
  public readonly publishDeadLetterQueue?: IQueue;

  private readonly notifier?: Notifier;
  private readonly actions: ReadonlyMap<string, StreamerAction>;
  private readonly submitterProps: SubmitterProps;
  private submitter?: Submitter;

  public constructor(scope: Construct, id: string, props: StreamerApiProps) {
    super(scope, id);
    validateApi(props);
    const settings = resolveSettings(this, props);
    const topics = resolveTopics(props.topics);
    if (settings.encryptionKey) allowLogs(this, settings.encryptionKey);
    const handlers = locateHandlers(this, settings, props, topics !== undefined);
    this.tables = props.tables ?? createTables(this, resolveTableOptions(props));
    const stores = storesOf(this.tables);
    const own = createSyncFunctions(this, settings, handlers);
    const router = new Router(this, 'Router', {
      settings,
      handlers,
      stores,
      topics,
      remotes: own.remotes,
      options: props.router,
    });
    const auth = props.auth._bind(this, settings);
    const webSocket = this.createWebSocketApi(props, settings, router, auth);
    const processors = this.createProcessors(settings, handlers, stores, webSocket);
    const dispatcher = new Dispatcher(this, 'Dispatcher', { settings, stores, webSocket, processors });
    const sweeper = new Sweeper(this, 'Sweeper', { settings, stores, handlers });
    const { announcer, webhook } = createAnnouncements(this, props, settings, stores);

    if (topics) this.notifier = new Notifier(this, 'Notifier', { settings, stores, webSocket });
    if (topics?.some(({ publish }) => publish)) this.notifier?.grantPublishTo(router.function);

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
      announcer: announcer?.function,
      notifier: this.notifier?.function,
      webhook: webhook?.function,
    };
    this.webhookSecret = webhook?.secret;
    this.webhookDeadLetterQueue = webhook?.deadLetterQueue;
    this.publishQueue = this.notifier?.queue;
    this.publishDeadLetterQueue = this.notifier?.deadLetterQueue;
    this.submitterProps = { settings, handlers, stores };
    this.actions = collectActions(handlers, router, own.isolated, processors);
    for (const [name, value] of Object.entries(props.tags ?? {})) Tags.of(this).add(name, value);
    const { encryptionKey, domain } = props;
    addFinalChecks(this, {
      tables: this.tables,
      encryptionKey: encryptionKey ?? undefined,
      domain: domain ?? undefined,
    });
  }

  /**
   * Function that takes requests without a connection, from a schedule, a state machine or a program, and says how they stand. It is created when it is
   * first asked for, here or by `grantSubmit`.
   */
  public get submitFunction(): IFunction {
    this.submitter ??= new Submitter(this, 'Submitter', this.submitterProps);
    return this.submitter.function;
  }

  /**
   * What runs an action, to grant it permissions or to read its queues.
   *
   * @param action one of the keys of `handlers`
   */
  public handler(action: string): StreamerAction {
    return this.actions.get(action) ?? reject('handler', `name one of ${[...this.actions.keys()].join(', ')}`, action);
  }

  /** @internal */
  protected override _publishTarget(): PublishTarget {
    const mend = "Say which topics users may subscribe to: `topics: { 'news/*': StreamerTopic.readOnly() }`";
    return this.notifier?.target ?? reject('grantPublish', 'be called on an API with `topics`', 'one without', mend);
  }

  private createWebSocketApi(
    props: StreamerApiProps,
    settings: Settings,
    router: Router,
    auth: AuthBinding,
  ): StreamerWebSocketApi {
    const webSocket = new StreamerWebSocketApi(this, 'WebSocket', {
      router: router.function.target,
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
        new Processor(scope, handler.action, {
          settings,
          handler,
          bundles: handlers.bundles,
          stores,
          webSocket,
        }),
      ]),
    );
  }
}

const DEFAULT_THROTTLE: ThrottleSettings = { rateLimit: 1000, burstLimit: 500 };

function collectActions(
  handlers: Handlers,
  router: Router,
  isolated: ReadonlyMap<string, Isolated>,
  processors: ReadonlyMap<string, Processor>,
): Map<string, StreamerAction> {
  const sync = handlers.sync.map(({ action, definition }) => {
    const own = definition.runs === 'function' ? definition.fn : isolated.get(action)?.function;
    return [action, new StreamerAction(own ?? router.function)] as const;
  });
  const async = handlers.async.map(({ action, definition }) => {
    const { function: processor, queue, deadLetterQueue } = processors.get(action) as Processor;
    const fn = definition.runs === 'function' ? definition.fn : processor;
    return [action, new StreamerAction(fn, queue, deadLetterQueue)] as const;
  });
  return new Map([...sync, ...async]);
}
