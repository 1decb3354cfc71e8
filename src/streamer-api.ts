import { AspectPriority, Aspects, Tags } from 'aws-cdk-lib';
import type { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import type { PublishTarget } from './grants/programs';
import type { Actions } from './handlers/actions';
import type { StreamerHandler } from './options/streamer-handler';
import type { IStreamerTables } from './options/streamer-tables-options';
import { createAnnouncements } from './parts/announcements';
import { createCloudWatchRole } from './parts/cloud-watch-role';
import { type ApiPart, type CreatePart, createActions, createCore, type PartOutputs } from './parts/core';
import { createTopics } from './parts/notifier';
import { createSubmitter } from './parts/submitter';
import { resolveProps } from './resolve-settings';
import type { StreamerAction } from './streamer-action';
import { ImportedStreamerApi, StreamerApiBase } from './streamer-api-base';
import type {
  IStreamerApi,
  StreamerApiAttributes,
  StreamerFunctions,
  StreamerScheduleResources,
  StreamerTopicResources,
  StreamerWebhookResources,
} from './streamer-api-interface';
import type { StreamerApiProps } from './streamer-api-props';
import { validateApi, validateHandler } from './validation/api';
import { copyOptions } from './validation/copy';
import { reject } from './validation/errors';
import { createFinalChecks } from './validation/final-checks';

/** A WebSocket API whose handlers answer requests, at once or with live progress. */
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

  /** The tables, created by this construct or passed to it. */
  public readonly tables: IStreamerTables;

  /** The API's functions, except the functions of its handlers. */
  public readonly functions: StreamerFunctions;

  /** Queues of the API's topics; undefined without `topics`. */
  public readonly topics?: StreamerTopicResources;

  /** Secret and dead-letter queue of the API's webhook; undefined without `webhook`. */
  public readonly webhook?: StreamerWebhookResources;

  /** Bucket of large inputs and results; undefined without `payloads`. */
  public readonly payloadsBucket?: IBucket;

  private readonly outputs: PartOutputs;
  private readonly actions: Actions;

  public constructor(scope: Construct, id: string, props: StreamerApiProps) {
    super(scope, id);
    const own = copyOptions(props);
    validateApi(own);
    const core = createCore(this, resolveProps(this, own));
    const parts: ApiPart[] = [core, ...PARTS.flatMap((create) => create(core) ?? [])];
    const { api, stage, url, callbackUrl } = core.webSocket;
    this.api = api;
    this.node.defaultChild = api.node.defaultChild;
    this.stage = stage;
    this.url = url;
    this.callbackUrl = callbackUrl;
    this.apiId = api.apiId;
    this.stageName = stage.stageName;
    this.tables = core.tables;
    this.payloadsBucket = core.stores.payloads?.bucket;
    this.functions = Object.assign({}, ...parts.map(({ functions }) => functions)) as StreamerFunctions;
    this.outputs = Object.assign({}, ...parts.map(({ outputs }) => outputs)) as PartOutputs;
    this.topics = this.outputs.topics;
    this.webhook = this.outputs.webhook;
    this.actions = createActions(core, this.outputs);
    const { handlers, tags } = core.props;
    for (const action of Object.keys(handlers).sort()) this.actions.add(action, handlers[action]);
    register(this, [...parts, { checks: () => this.actions.validate() }]);
    for (const [name, value] of Object.entries(tags)) Tags.of(this).add(name, value);
  }

  /**
   * Function that accepts requests without a connection, from a schedule, a state machine or a program, and returns their status. The first use of
   * this property or of `grantSubmit` creates the function.
   */
  public get submitFunction(): IFunction {
    return this.outputs.submitFunction();
  }

  /**
   * Resources of the schedules; undefined if no action has `schedules`.
   */
  public get schedules(): StreamerScheduleResources | undefined {
    return this.outputs.schedules.resources;
  }

  /**
   * Adds a handler, as the property `handlers` does. It must be called before the app is synthesized.
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
    const remedy = "Define the topics that users may subscribe to: `topics: { 'news/*': StreamerTopic.readOnly() }`";
    return (
      this.outputs.publishTarget ?? reject('grantPublish', 'be called on an API with `topics`', 'one without', remedy)
    );
  }
}

/** The optional parts of an API, in the order in which they are created. To add a part, add its function to this array. */
const PARTS: readonly CreatePart[] = [
  createCloudWatchRole,
  createAnnouncements,
  createTopics,
  createSubmitter,
  createFinalChecks,
];

/** Completes the resources of the parts at the start of synthesis, and adds the checks of the parts to the end of synthesis. */
function register(api: Construct, parts: readonly ApiPart[]): void {
  api.node.addValidation({ validate: () => parts.flatMap(({ checks }) => checks?.() ?? []) });
  const visit = (node: IConstruct) => {
    if (node === api) for (const { settle } of parts) settle?.();
  };
  Aspects.of(api).add({ visit }, { priority: AspectPriority.MUTATING });
}
