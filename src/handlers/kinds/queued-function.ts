import type { IFunction } from 'aws-cdk-lib/aws-lambda';
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
