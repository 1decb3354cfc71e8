import { platform } from '../lambda-src/runtime/platform';
import type { AnyHandler, HandlerRun, RunArguments, RunOptions } from './handler-types';
import { runOnce } from './run-once';

/**
 * Runs a handler once, in this process, with the code of the function that would run it: the input goes through JSON and the schema,
 * progress is clamped and never falls, events and the result must be JSON within the size limits, and a thrown value becomes the error that
 * the client would get.
 *
 *
 * The handler is not retried, and the promise does not reject, so that a test can check both outcomes of an attempt.
 *
 * @param handler the default export of a handler's module
 */
export function runHandler<H extends AnyHandler>(handler: H, ...args: RunArguments<H>): Promise<HandlerRun<H>> {
  const [input, options] = args as [unknown, RunOptions | undefined];
  return runOnce(handler, input, options ?? {}, platform) as Promise<HandlerRun<H>>;
}
