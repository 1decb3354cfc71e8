import { Annotations, Token } from 'aws-cdk-lib';
import { CfnFunction, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { functionCall } from '../../bundling/entry';
import { StreamerAction } from '../../streamer-action';
import { Remotes } from '../invoked-functions';
import { type BoundHandler, type HandlerHost, type HandlerKind, warnWithoutSchema } from './kind';
import { BEFORE_ACK, createProcessor, type QueuedOptions, queuedAction, schemaOf } from './queued';

/** A user's function that runs an async action. A processor receives the requests from the queue, invokes the function and waits for it. */
export class QueuedFunctionHandler implements HandlerKind {
  public constructor(
    private readonly fn: IFunction,
    private readonly options: QueuedOptions,
  ) {}

  public bind(action: string, api: HandlerHost): BoundHandler {
    const fn = this.fn;
    const options = this.options;
    const schemaFile = schemaOf(action, api, options);
    if (!schemaFile) warnWithoutSchema(api, action, BEFORE_ACK, '');
    warnOfReserved(api, action, fn, attemptsAtOnce(options));
    const processor = createProcessor(action, api, options, {});
    const remotes = new Remotes(processor.function);
    const functionName = remotes.add(action, fn);
    remotes.settle();
    api.names.addFunction(fn, functionName);
    const remote = functionCall(action, { functionName, timeoutMs: options.timeout.toMilliseconds() }, 'async');
    const load = () => `() => ({ default: ${remote.code} })`;
    return {
      ...queuedAction(action, api, { options, processor, schemaFile, code: { load, remote } }),
      result: new StreamerAction(fn, ...processor.queues),
    };
  }
}

/** Maximum number of concurrent attempts of an action: the sum over its queues, unless the action runs one attempt at a time. */
function attemptsAtOnce({ maxConcurrency, priorities, caps }: QueuedOptions): number {
  if (caps.some(({ scope }) => scope === 'action')) return 1;
  return [...priorities.values()].reduce((sum, max) => sum + max, maxConcurrency);
}

/**
 * Warns that Lambda would throttle attempts, because the function reserves less concurrency than the queues of the action may use. The warning is
 * possible only for a function of this app.
 */
function warnOfReserved({ scope }: HandlerHost, action: string, fn: IFunction, attempts: number): void {
  const resource = fn.node.defaultChild;
  const reserved = resource instanceof CfnFunction ? resource.reservedConcurrentExecutions : undefined;
  if (reserved === undefined || Token.isUnresolved(reserved) || reserved >= attempts) return;
  Annotations.of(scope).addWarningV2(
    `cdk-streamer:reservedConcurrency:${action}`,
    `The function of \`${action}\` reserves ${reserved} concurrent executions, but its queues can start ${attempts} attempts at the same time, and Lambda throttles the others: set \`maxConcurrency\` so that it and the maximums of \`priorities\` have a sum of at most ${reserved}, or reserve more`,
  );
}
