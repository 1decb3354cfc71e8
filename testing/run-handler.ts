import { world } from '../lambda-src/runtime/platform';
import type { AnyHandler, HandlerRun, RunArguments, RunOptions } from './handler-types';
import { runOnce } from './run-once';

/**
 * Runs a handler once, in this process, by the code of the function that would run it: the input goes through JSON and the
 * schema, progress is clamped and never falls, events and the result must be JSON of the size that fits, and what is thrown
 * becomes the error that the client would see.
 *
 * Nothing is retried and nothing rejects, so that a test can look at both ways an attempt may end.
 *
 * @param handler the default export of a handler's module
 */
export function runHandler<H extends AnyHandler>(handler: H, ...args: RunArguments<H>): Promise<HandlerRun<H>> {
  const [input, options] = args as [unknown, RunOptions | undefined];
  return runOnce(handler, input, options ?? {}, world) as Promise<HandlerRun<H>>;
}
