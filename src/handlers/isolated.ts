import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isolatedName } from '../bundling/handler-bundles';
import { StreamerFunction } from '../parts/streamer-function';
import type { Settings } from '../settings';
import type { IsolatedHandler } from './definitions';
import type { Handlers } from './handlers';

export interface IsolatedProps {
  readonly settings: Settings;
  readonly handler: IsolatedHandler;
  readonly handlers: Handlers;
  /** Time that the handler may take. */
  readonly timeout: Duration;
  /** Physical name of the function, by which the router invokes it. */
  readonly functionName: string;
}

/** Beyond the handler's time: in it the runtime answers that the time is over, before Lambda ends the environment. */
const OVERHEAD = Duration.seconds(1);

/** Runs one sync handler by itself: its function, role and log group. */
export class Isolated extends Construct {
  public readonly function: StreamerFunction;
  /** Target that the router invokes: the name of the function, or of its alias. */
  public readonly targetName: string;

  public constructor(scope: Construct, id: string, props: IsolatedProps) {
    super(scope, id);
    const { settings, handler, handlers, timeout, functionName } = props;
    const { action, definition } = handler;
    this.function = new StreamerFunction(this, 'Function', {
      settings,
      functionName,
      description: `Streamer: answers ${action}`,
      code: handlers.code(isolatedName(handler)),
      timeout: Duration.seconds(Math.ceil(timeout.toSeconds({ integral: false }))).plus(OVERHEAD),
      memorySize: definition.memorySize,
      environment: definition.environment,
      options: definition,
      invokedBy: 'The router invokes it synchronously',
    });
    for (const statement of definition.initialPolicy ?? []) this.function.addToRolePolicy(statement);
    const { alias } = this.function;
    this.targetName = alias === undefined ? functionName : `${functionName}:${alias}`;
  }
}
