import { type CfnResource, Duration, Lazy, Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { isDev } from '../bundling/bundles';
import { isOpen, ROUTER } from '../bundling/handler-bundles';
import {
  type ActionMode,
  BOUNDS,
  ENV,
  type EnvJson,
  type FunctionNamesByAction,
  METADATA,
  type MetadataValues,
  type TopicRule,
} from '../contract';
import type { Handlers } from '../handlers/handlers';
import { grantNamed, Remotes } from '../handlers/invoked-functions';
import type { RouterSettings, Settings } from '../settings';
import type { Stores } from '../stores/stores';
import { reject } from '../validation/errors';
import { StreamerFunction } from './streamer-function';

interface RouterProps {
  readonly settings: Settings;
  readonly handlers: Handlers;
  readonly stores: Stores;
  /** Permissions of users on topics; undefined if the API has no topics. */
  readonly topics?: readonly TopicRule[];
  readonly options: RouterSettings;
}

/** Environment and permissions of a handler in the router's process. */
interface RoleOptions {
  readonly environment?: { readonly [name: string]: string };
  readonly initialPolicy?: readonly PolicyStatement[];
}

/** Answers every frame. It runs sync handlers, and accepts the requests of async actions. */
export class Router extends Construct {
  public readonly function: StreamerFunction;
  /** The user's functions that the router invokes. */
  public readonly remotes: Remotes;
  private readonly settings: Settings;
  private readonly variables = new Map<string, string>();
  private invokesNamed = false;

  public constructor(scope: Construct, id: string, props: RouterProps) {
    super(scope, id);
    const { settings, handlers, stores, options } = props;
    this.function = new StreamerFunction(this, 'Function', {
      settings,
      description: 'Streamer: answers the frames of clients',
      code: handlers.code(ROUTER),
      timeout: settings.syncTimeout.plus(Duration.millis(BOUNDS.syncMarginMs)),
      // Lambda assigns CPU in proportion to memory, and a cold router needs CPU for TLS in its first call.
      memorySize: options.memorySize,
      environment: this.environment(props),
      options,
      invokedBy: 'API Gateway invokes it synchronously',
    });
    this.describe(handlers);
    this.grant(stores);
    this.remotes = new Remotes(this.function);
    this.settings = settings;
  }

  /** Gives the router the permissions and environment of a sync handler that runs in its process. */
  public admit(action: string, { environment, initialPolicy }: RoleOptions): void {
    for (const [name, value] of Object.entries(environment ?? {})) this.addVariable(action, name, value);
    for (const statement of initialPolicy ?? []) this.function.addToRolePolicy(statement);
  }

  /** Allows the router to invoke the functions whose physical names this API has chosen. */
  public invokeNamed(): void {
    if (this.invokesNamed) return;
    this.invokesNamed = true;
    grantNamed(this.function, this.settings.namePrefix);
  }

  /** Passes the names of the user's functions to the router. Must be called when all functions are known. */
  public settleRemotes(): void {
    const { settings } = this;
    this.remotes.settle((names) => new FunctionNames(this, 'Names', { settings, names }).function);
  }

  /**
   * Adds an environment variable of a sync handler. The sync handlers in the router share one process, so two handlers must not give different values
   * to one variable.
   */
  private addVariable(action: string, name: string, value: string): void {
    const given = this.variables.get(name);
    if (given !== undefined && given !== value) {
      reject(
        `handlers.${action}.environment`,
        'give each variable the value that the other sync handlers in the router give it',
        name,
        'They share one process: set `isolated: true` to give the handler a separate function',
      );
    }
    this.variables.set(name, value);
    this.function.addEnvironment(name, value);
  }

  /** Writes the metadata for local runs. */
  private describe(handlers: Handlers): void {
    const resource = this.function.node.defaultChild as CfnResource;
    resource.addMetadata(
      METADATA.actions,
      Lazy.any({ produce: () => modes(handlers) satisfies MetadataValues['actions'] }),
    );
    if (!isDev(this)) return;
    resource.addMetadata(
      METADATA.inputs,
      Lazy.any({ produce: () => inputModules(handlers) satisfies MetadataValues['inputs'] }),
    );
  }

  private grant({ connections, requests, subscriptions, events, payloads }: Stores): void {
    connections.grantRegister(this.function);
    requests.grantAccept(this.function);
    requests.grantList(this.function);
    requests.grantCancel(this.function);
    subscriptions.grantManage(this.function);
    events.grantWrite(this.function);
    events.grantHeads(this.function);
    payloads?.grantAccept(this.function);
  }

  private environment({ settings, topics }: RouterProps): { [name: string]: string } {
    return {
      [ENV.retentionSeconds]: String(settings.retention.toSeconds()),
      [ENV.syncTimeoutMs]: String(settings.syncTimeout.toMilliseconds()),
      [ENV.limits]: Stack.of(this).toJsonString(settings.limits satisfies EnvJson['limits']),
      ...(topics && { [ENV.topics]: JSON.stringify(topics satisfies EnvJson['topics']) }),
    };
  }
}

const modes = (handlers: Handlers): { [action: string]: ActionMode } =>
  Object.fromEntries(handlers.all.filter(isOpen).map(({ action, stored }) => [action, stored ? 'async' : 'sync']));

/** Returns the modules with the schemas of inputs, by action. A sync handler exports its schema from its own module. */
const inputModules = (handlers: Handlers): { [action: string]: string } =>
  Object.fromEntries(
    handlers.all.filter(isOpen).flatMap(({ action, stored, file, schemaFile }) => {
      const module = schemaFile ?? (stored ? undefined : file);
      return module === undefined ? [] : [[action, module]];
    }),
  );

interface FunctionNamesProps {
  readonly settings: Settings;
  /** Names of functions by action. */
  readonly names: FunctionNamesByAction;
}

/**
 * Returns the names of the user's functions to the router. This function is created if the names do not fit into the router's environment.
 *
 * The names are in this function's inline code, which may have 4 MB. CloudFormation writes inline code at deployment, while an asset cannot contain
 * values that are known only at deployment.
 */
class FunctionNames extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, { settings, names }: FunctionNamesProps) {
    super(scope, id);
    if (settings.functionDefaults.codeSigningConfig) refuseSigning(names);
    const json = Stack.of(this).toJsonString(names satisfies EnvJson['functions']);
    this.function = new StreamerFunction(this, 'Function', {
      settings,
      description: 'Streamer: returns the names of the functions of `fromFunction` to the router',
      code: Code.fromInline(`const names = ${json};\nexports.handler = async () => names;\n`),
      timeout: Duration.seconds(3),
      memorySize: 256,
      invokedBy: 'The router invokes it synchronously',
    });
  }
}

/** Refuses code signing, because inline code cannot be signed. */
function refuseSigning(names: FunctionNamesByAction): never {
  return reject(
    'functionDefaults.codeSigningConfig',
    "come with so few sync handlers by `fromFunction` that their names fit into the router's environment",
    Object.keys(names).length,
    'Give their functions a `functionName`, which needs no space in the environment',
  );
}
