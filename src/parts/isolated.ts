import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Bundles } from '../private/bundling';
import type { IsolatedHandler } from '../private/definitions';
import { isolatedName } from '../private/handler-bundles';
import type { Remote } from '../private/remote';
import type { Settings } from '../private/settings';
import { StreamerFunction } from '../private/streamer-function';

export interface IsolatedProps {
  readonly settings: Settings;
  readonly handler: IsolatedHandler;
  readonly bundles: Bundles;
  /** Time that the handler may take. */
  readonly timeout: Duration;
}

/** Beyond the handler's time: in it the runtime answers that the time is over, before Lambda ends the environment. */
const OVERHEAD = Duration.seconds(1);

/** Runs one sync handler by itself: its function, role and log group. */
export class Isolated extends Construct {
  public readonly function: StreamerFunction;
  public readonly remote: Remote;

  public constructor(scope: Construct, id: string, { settings, handler, bundles, timeout }: IsolatedProps) {
    super(scope, id);
    const { action, definition } = handler;
    this.function = new StreamerFunction(this, 'Function', {
      settings,
      description: `Streamer: answers ${action}`,
      code: bundles.code(isolatedName(handler)),
      timeout: Duration.seconds(Math.ceil(timeout.toSeconds({ integral: false }))).plus(OVERHEAD),
      memorySize: definition.memorySize,
      environment: definition.environment,
      options: definition,
      invokedBy: 'The router invokes it synchronously',
    });
    for (const statement of definition.initialPolicy ?? []) this.function.addToRolePolicy(statement);
    this.remote = { action, fn: this.function.target, timeout };
  }
}
