import { platform } from '../lambda-src/runtime/platform';
import type { AnyHandler, HandlerRun, RunArguments, RunOptions } from './handler-types';
import { runOnce } from './run-once';

/**
 * Runs a handler once, in this process, with the code of the function that would run it. The input is converted to JSON
 * and validated by the schema. Percentages of progress are limited to 0 to 100 and never decrease. Events and the
 * result must be JSON within the size limits. A thrown value becomes the error that the client would receive.
 *
 * The handler is not retried, and the promise does not reject, so that a test can check both outcomes of an attempt.
 *
 * @param handler default export of a handler's module
 */
export function runHandler<H extends AnyHandler>(handler: H, ...args: RunArguments<H>): Promise<HandlerRun<H>> {
  const [input, options] = args as [unknown, RunOptions | undefined];
  return runOnce(handler, input, options ?? {}, platform) as Promise<HandlerRun<H>>;
}
