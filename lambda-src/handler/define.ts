import type { HandlerContext } from './context';
import type { InferInput, InferOutput, StandardSchema } from './standard-schema';

/** Names and data of the events that a handler emits. */
export type EventMap = Record<string, unknown>;

/** Options of `defineHandler`: a schema and the function that does the work. */
export interface HandlerOptions<Schema, Result, Events extends EventMap> {
  /**
   * Schema of the input, from any library that implements Standard Schema.
   *
   * @default - any JSON is accepted
   */
  readonly input?: Schema;
  /** Runs the action. Its return value must be JSON. */
  readonly run: (context: HandlerContext<InferOutput<Schema>, Events>) => Promise<Result> | Result;
}

/** A handler, with the types that clients need. */
export interface Handler<Input = unknown, Result = unknown, Events extends EventMap = EventMap> {
  readonly input?: StandardSchema;
  readonly run: (context: never) => Promise<Result> | Result;
  /** A type only: the property does not exist at run time. */
  readonly '~types'?: { readonly input: Input; readonly result: Awaited<Result>; readonly events: Events };
}

/**
 * Defines the handler of an action; make it the default export of its module.
 *
 * ```ts
 * export default defineHandler({
 *   input: object({ name: string() }),
 *   async run({ input, progress }) { progress(50, 'half way'); return { greeting: `Hello ${input.name}` }; },
 * });
 * ```
 */
export function defineHandler<const Schema, Result, Events extends EventMap = EventMap>(
  options: HandlerOptions<Schema, Result, Events>,
): Handler<InferInput<Schema>, Result, Events> {
  return options as unknown as Handler<InferInput<Schema>, Result, Events>;
}
