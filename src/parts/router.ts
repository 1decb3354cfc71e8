import { type CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ENV } from '../contract';
import type { RouterOptions } from '../options/router-options';
import { actionsSettings } from '../private/definitions';
import { reject } from '../private/errors';
import { validateFunctionOptions } from '../private/function-options';
import { ROUTER } from '../private/handler-bundles';
import { type Handlers, inRouter } from '../private/handlers';
import { grantRemotes, type Remote } from '../private/remote';
import type { Settings } from '../private/settings';
import { StreamerFunction } from '../private/streamer-function';
import type { TopicRule } from '../private/topics';
import type { Stores } from '../stores';

export interface RouterProps {
  readonly settings: Settings;
  readonly handlers: Handlers;
  readonly stores: Stores;
  /** What users may do with topics; none: there are no topics. */
  readonly topics?: readonly TopicRule[];
  /** Functions that run sync handlers instead of the router. */
  readonly remotes: readonly Remote[];
  readonly options?: RouterOptions;
}

/** Metadata by which a local run knows the actions: no variable of the router names sync ones. */
const METADATA = 'cdk-streamer:actions';

/** Answers every frame: it runs sync handlers, and accepts the requests of async ones. */
export class Router extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, props: RouterProps) {
    super(scope, id);
    const { settings, handlers, stores, remotes, options = {} } = props;
    validateFunctionOptions('router.', options);
    this.function = new StreamerFunction(this, 'Function', {
      settings,
      description: 'Streamer: answers the frames of clients',
      code: handlers.bundles.code(ROUTER),
      // the handler's budget, and what is read and written around it
      timeout: settings.syncTimeout.plus(Duration.seconds(4)),
      // CPU grows with memory, and a cold router spends its first call on TLS
      memorySize: options.memorySize ?? 1024,
      environment: { ...sharedEnvironment(handlers), ...this.environment(props) },
      options,
      invokedBy: 'API Gateway invokes it synchronously',
    });
    for (const { definition } of inRouter(handlers)) {
      for (const statement of definition.initialPolicy ?? []) this.function.addToRolePolicy(statement);
    }
    (this.function.node.defaultChild as CfnResource).addMetadata(METADATA, modes(handlers));
    this.grant(stores);
    grantRemotes(this.function, remotes);
  }

  private grant({ connections, requests, subscriptions, events }: Stores): void {
    connections.grantRegister(this.function);
    requests.grantAccept(this.function);
    subscriptions.grantManage(this.function);
    events.grantWrite(this.function);
  }

  private environment({ settings, handlers, topics }: RouterProps): { [name: string]: string } {
    return {
      [ENV.actions]: Stack.of(this).toJsonString(actionsSettings(handlers.async)),
      [ENV.retentionSeconds]: String(settings.retention.toSeconds()),
      [ENV.syncTimeoutMs]: String(settings.syncTimeout.toMilliseconds()),
      [ENV.limits]: Stack.of(this).toJsonString(settings.limits),
      ...(topics && { [ENV.topics]: JSON.stringify(topics) }),
    };
  }
}

const modes = ({ all }: Handlers): { [action: string]: string } =>
  Object.fromEntries(all.map(({ action, sync }) => [action, sync ? 'sync' : 'async']));

/** Variables of the sync handlers in the router, which live in one process: two of them may not mean different things by one name. */
function sharedEnvironment(handlers: Handlers): { [name: string]: string } {
  const shared: { [name: string]: string } = {};
  for (const { action, definition } of inRouter(handlers)) {
    for (const [name, value] of Object.entries(definition.environment ?? {})) {
      if (Object.hasOwn(shared, name) && shared[name] !== value) {
        reject(
          `handlers.${action}.environment`,
          'give each variable the value that the other sync handlers in the router give it',
          name,
          'They share one process: say `isolated: true` to give the handler a function of its own',
        );
      }
      shared[name] = value;
    }
  }
  return shared;
}
