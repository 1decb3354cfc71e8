import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isolatedCall, isolatedEntry, routerInvokes } from '../../bundling/entry';
import { ownBundle } from '../../bundling/handler-bundles';
import { resolveModule } from '../../bundling/project';
import type { HandlerFunctionOptions } from '../../options/streamer-function-options';
import { StreamerFunction } from '../../parts/streamer-function';
import { StreamerAction } from '../../streamer-action';
import type { BoundHandler, HandlerHost, HandlerKind } from './kind';
import { syncTimeoutOf } from './sync-function';

interface IsolatedHandlerOptions extends HandlerFunctionOptions {
  readonly memorySize: number;
  /** Timeout of the handler. @default - the API's `syncTimeout` */
  readonly timeout?: Duration;
}

/** A sync handler in a separate function, which the router invokes. */
export class IsolatedHandler implements HandlerKind {
  public constructor(
    private readonly entry: string,
    private readonly options: IsolatedHandlerOptions,
  ) {}

  public bind(action: string, api: HandlerHost): BoundHandler {
    const file = resolveModule(`handlers.${action}`, api.settings.projectRoot, this.entry);
    const timeout = syncTimeoutOf(api.settings, action, this.options.timeout);
    const { scope, name } = api.place('Isolated', action);
    const isolated = new Isolated(scope, action, { api, timeout, functionName: name, options: this.options });
    api.router.invokeNamed();
    const remote = { functionName: isolated.targetName, timeoutMs: timeout.toMilliseconds() };
    return {
      action,
      file,
      router: routerInvokes(isolatedCall(action, remote)),
      bundle: {
        ...ownBundle(action, file, this.options, api),
        name: bundleName(action),
        entry: isolatedEntry(action, file),
        runtimes: ['isolated'],
      },
      result: new StreamerAction(isolated.function),
      resources: isolated,
    };
  }
}

const bundleName = (action: string): string => `isolated ${action}`;

interface IsolatedProps {
  readonly api: HandlerHost;
  readonly options: IsolatedHandlerOptions;
  /** Maximum duration of the handler. */
  readonly timeout: Duration;
  /** Physical name by which the router invokes the function. */
  readonly functionName: string;
}

/**
 * Difference between the function's timeout and the handler's timeout. In this time the runtime reports the timeout, before Lambda ends the process.
 */
const OVERHEAD = Duration.seconds(1);

/** The function, role and log group of one sync handler. */
class Isolated extends Construct {
  public readonly function: StreamerFunction;
  /** Target that the router invokes: the name of the function, or of its alias. */
  public readonly targetName: string;

  public constructor(scope: Construct, action: string, { api, options, timeout, functionName }: IsolatedProps) {
    super(scope, action);
    this.function = new StreamerFunction(this, 'Function', {
      settings: api.settings,
      functionName,
      description: `Streamer: answers ${action}`,
      code: api.code(bundleName(action)),
      timeout: timeout.plus(OVERHEAD),
      memorySize: options.memorySize,
      environment: options.environment,
      options,
      invokedBy: 'The router invokes it synchronously',
    });
    for (const statement of options.initialPolicy ?? []) this.function.addToRolePolicy(statement);
    const { alias, target } = this.function;
    this.targetName = alias === undefined ? functionName : `${functionName}:${alias}`;
    api.names.add(this.function, functionName);
    if (alias !== undefined) api.names.add(target, alias);
  }
}
