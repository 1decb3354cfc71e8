import type { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { functionCall, routerInvokes } from '../../bundling/entry';
import { resolveModule } from '../../bundling/project';
import type { Settings } from '../../settings';
import { StreamerAction } from '../../streamer-action';
import { reject } from '../../validation/errors';
import { type BoundHandler, type HandlerHost, type HandlerKind, warnWithoutSchema } from './kind';

export interface SyncFunctionOptions {
  readonly schema?: string;
  /** Timeout of the handler. @default - the API's `syncTimeout` */
  readonly timeout?: Duration;
}

/** A user's function that answers a sync action. The router invokes it. */
export class SyncFunctionHandler implements HandlerKind {
  public constructor(
    private readonly fn: IFunction,
    private readonly options: SyncFunctionOptions,
  ) {}

  public bind(action: string, api: HandlerHost): BoundHandler {
    const { settings, router, names } = api;
    const { schema, timeout } = this.options;
    const schemaFile = schema ? resolveModule(`handlers.${action}.schema`, settings.projectRoot, schema) : undefined;
    const timeoutMs = syncTimeoutOf(settings, action, timeout).toMilliseconds();
    const functionName = router.remotes.add(action, this.fn);
    names.addFunction(this.fn, functionName);
    if (!schemaFile) warnWithoutSchema(api, action, '', '');
    return {
      action,
      schemaFile,
      router: routerInvokes(functionCall(action, { functionName, timeoutMs }, 'sync'), schemaFile),
      result: new StreamerAction(this.fn),
    };
  }
}

/** Returns the timeout of a sync handler outside the router. It is at most the API's `syncTimeout`, because the router waits no longer. */
export function syncTimeoutOf({ syncTimeout }: Settings, action: string, timeout = syncTimeout): Duration {
  if (timeout.toMilliseconds() <= syncTimeout.toMilliseconds()) return timeout;
  return reject(
    `handlers.${action}.timeout`,
    `be at most the API's \`syncTimeout\` (${syncTimeout.toHumanString()})`,
    timeout.toHumanString(),
    'Raise `syncTimeout` (25 seconds at most) or make the handler async',
  );
}
