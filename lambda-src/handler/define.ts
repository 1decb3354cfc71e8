import type { HandlerContext } from './context';
import type { InferInput, InferOutput, StandardSchema } from './standard-schema';

/** Names and data of the events that a handler emits. */
export type EventMap = Record<string, unknown>;

/** What `defineHandler` is given: a schema and the work. */
export interface HandlerOptions<Schema, Result, Events extends EventMap> {
  /**
   * Schema of the input: any that implements Standard Schema.
   * @default - any JSON is accepted
   */
  readonly input?: Schema;
  /** Does the work. What it returns must be JSON. */
  readonly run: (context: HandlerContext<InferOutput<Schema>, Events>) => Promise<Result> | Result;
}

/** A handler, with the types that a client of it needs. */
export interface Handler<Input = unknown, Result = unknown, Events extends EventMap = EventMap> {
  readonly input?: StandardSchema;
  readonly run: (context: never) => Promise<Result> | Result;
  /** Only a type: nothing is there at run time. */
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
