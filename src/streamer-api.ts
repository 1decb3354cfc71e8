import { AspectPriority, Aspects, Tags } from 'aws-cdk-lib';
import type { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import { allowLogs } from './grants/encryption';
import { acknowledgeConnections } from './grants/nag';
import type { PublishTarget } from './grants/publish';
import { Actions } from './handlers/actions';
import { Handlers } from './handlers/handlers';
import { ImportedStreamerApi } from './imported-api';
import type { AuthBinding } from './options/auth-binding';
import type { StreamerHandler } from './options/streamer-handler';
import type { IStreamerTables } from './options/streamer-tables-options';
import { createAnnouncements } from './parts/announcements';
import { CloudWatchRole } from './parts/cloud-watch-role';
import { Dispatcher } from './parts/dispatcher';
import { Notifier } from './parts/notifier';
import { Router } from './parts/router';
import { Submitter, type SubmitterProps } from './parts/submitter';
import { Sweeper } from './parts/sweeper';
import { StreamerWebSocketApi } from './parts/websocket-api';
import { type ResolvedProps, resolveProps } from './resolve-settings';
import { storesOf } from './stores';
import { createTables } from './stores/tables';
import type { StreamerAction } from './streamer-action';
import { StreamerApiBase } from './streamer-api-base';
import type { IStreamerApi, StreamerApiAttributes, StreamerFunctions } from './streamer-api-interface';
import type { StreamerApiProps } from './streamer-api-props';
import { validateApi, validateHandler } from './validation/api';
import { reject } from './validation/errors';
import { addFinalChecks } from './validation/final-checks';

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
  private readonly actions: Actions;
  private readonly submitterProps: SubmitterProps;
  private submitter?: Submitter;

  public constructor(scope: Construct, id: string, props: StreamerApiProps) {
    super(scope, id);
    validateApi(props);
    const resolved = resolveProps(this, props);
    const { settings, topics } = resolved;
    if (settings.encryptionKey) allowLogs(this, settings.encryptionKey);
    const handlers = this.createHandlers(resolved);
    this.tables = resolved.tables ?? createTables(this, resolved.newTables);
    const stores = storesOf(this.tables);
    const router = new Router(this, 'Router', {
      settings,
      handlers,
      stores,
      topics,
      options: resolved.router,
    });
    const auth = resolved.auth._bind(this, settings);
    const webSocket = this.createWebSocketApi(resolved, router, auth);
    const dispatcher = new Dispatcher(this, 'Dispatcher', { settings, handlers, stores, webSocket });
    const sweeper = new Sweeper(this, 'Sweeper', { settings, stores });
    const { announcer, webhook } = createAnnouncements(this, { ...resolved, stores });

    if (topics) this.notifier = new Notifier(this, 'Notifier', { settings, stores, webSocket });
    if (topics?.some(({ publish }) => publish)) this.notifier?.grantPublishTo(router.function);

    this.api = webSocket.api;
    this.node.defaultChild = webSocket.api.node.defaultChild;
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
    this.actions = new Actions({ ...resolved, scope: this, handlers, stores, webSocket, router });
    for (const action of Object.keys(resolved.handlers).sort()) this.actions.add(action, resolved.handlers[action]);
    this.node.addValidation(this.actions);
    settleBeforeSynthesis(this, handlers, router);
    for (const [name, value] of Object.entries(resolved.tags)) Tags.of(this).add(name, value);
    addFinalChecks(this, { tables: this.tables, encryptionKey: settings.encryptionKey, domain: resolved.domain });
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
   * Adds a handler, as the property `handlers` does. The method must be called before the app is synthesized.
   *
   * @param action name of an action that has no handler yet: a letter, then letters, digits, `_`, `.` or `-`, 64 characters at most
   * @param handler handler of the action's requests
   * @returns the function that runs the action, for granting it permissions
   */
  public addHandler(action: string, handler: StreamerHandler): StreamerAction {
    validateHandler(action, handler);
    return this.actions.add(action, handler);
  }

  /**
   * The function and the queues of an action, for granting permissions and reading metrics.
   *
   * @param action one of the keys of `handlers`
   */
  public handler(action: string): StreamerAction {
    return this.actions.get(action);
  }

  /** @internal */
  protected override _publishTarget(): PublishTarget {
    const mend = "Say which topics users may subscribe to: `topics: { 'news/*': StreamerTopic.readOnly() }`";
    return this.notifier?.target ?? reject('grantPublish', 'be called on an API with `topics`', 'one without', mend);
  }

  private createHandlers({ settings, topics, bundling, router }: ResolvedProps): Handlers {
    const { projectRoot, functionDefaults } = settings;
    return new Handlers(this, projectRoot, { topics: topics !== undefined, functionDefaults, bundling, router });
  }

  private createWebSocketApi(props: ResolvedProps, router: Router, auth: AuthBinding): StreamerWebSocketApi {
    const webSocket = new StreamerWebSocketApi(this, 'WebSocket', { ...props, router: router.function.target, auth });
    acknowledgeConnections(this, webSocket.api, webSocket.stage.stageName);
    // the stage has the access log, which needs the account's role first
    if (props.cloudWatchRole) webSocket.stage.node.addDependency(new CloudWatchRole(this, 'CloudWatchRole'));
    return webSocket;
  }
}

/** Creates the code of the functions, and gives the router the names of users' functions, when synthesis starts, because all handlers are known then, and other aspects have not visited the functions yet. */
function settleBeforeSynthesis(api: Construct, handlers: Handlers, router: Router): void {
  const visit = (node: IConstruct) => {
    if (node !== api) return;
    router.settleRemotes();
    handlers.settle();
  };
  Aspects.of(api).add({ visit }, { priority: AspectPriority.MUTATING });
}
