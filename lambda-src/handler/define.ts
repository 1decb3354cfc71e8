import type { Continuation, HandlerContext, HandlerRequest } from './context';
import type { InferInput, InferOutput, StandardSchema } from './standard-schema';

/** Names and data of the events that a handler emits. */
export type EventMap = Record<string, unknown>;

/**
 * Decides whether another attempt may succeed after an error that `run` threw.
 *
 * @returns true: another attempt follows, unless the attempts are used up. False: the request fails at once. Undefined: the default applies, and
 * every error is retried except a `HandlerError` that is not retryable
 */
export type RetryIf = (error: unknown, request: HandlerRequest) => boolean | undefined;

/** Options of `defineHandler`: a schema, the function that does the work, and a rule for its retries. */
export interface HandlerOptions<Schema, Result, Events extends EventMap, State = unknown, Messages = unknown> {
  /**
   * Schema of the input, from any library that implements Standard Schema.
   *
   * @default - any JSON is accepted
   */
  readonly input?: Schema;
  /**
   * Schema of the state that a slice passes to `continue`. A slice whose stored state does not match the schema fails with `INVALID_CONTINUE`, so a
   * new version of the handler must accept the states of the previous one.
   *
   * @default - any JSON is accepted
   */
  readonly state?: State;
  /**
   * Schemas of the messages that may be sent to a running request, by name. If the schema module next to the handler exports the same object as
   * `messages`, the router checks messages before it acknowledges them. Otherwise, a message that does not match its schema is left out when it is
   * read.
   *
   * @default - messages of any name with any data
   */
  readonly messages?: Messages;
  /**
   * Whether `run` reads its input only with `context.stream()`. An uploaded input is then neither loaded nor validated before `run` is called, and
   * `context.input` is `undefined`. Async actions only.
   *
   * @default false
   */
  readonly streams?: boolean;
  /** Runs the action. Its return value must be JSON, or the return value of `context.continue`. */
  readonly run: (
    context: HandlerContext<InferOutput<Schema>, Events, InferOutput<State>, InferInput<State>, Outputs<Messages>>,
  ) => Promise<Result> | Result;
  /**
   * Rule for the retries of an async action. It is called with each error that `run` throws. It is not called after a timeout or after the death of
   * the function, because these are always retried. If the rule throws, the error is logged and the default applies.
   *
   * @default - every error is retried except a `HandlerError` that is not retryable
   */
  readonly retryIf?: RetryIf;
}

/** Data of messages by name, as a handler receives it. */
type Outputs<Schemas> = unknown extends Schemas
  ? Record<string, unknown>
  : { [Name in keyof Schemas]: InferOutput<Schemas[Name]> };
/** Data of messages by name, as a client sends it. */
type Inputs<Schemas> = unknown extends Schemas
  ? Record<string, unknown>
  : { [Name in keyof Schemas]: InferInput<Schemas[Name]> };

/** A handler, with the types that clients need. */
export interface Handler<
  Input = unknown,
  Result = unknown,
  Events extends EventMap = EventMap,
  Messages = Record<string, unknown>,
  Continues extends boolean = boolean,
> {
  readonly input?: StandardSchema;
  readonly streams?: boolean;
  readonly state?: StandardSchema;
  readonly messages?: Readonly<Record<string, StandardSchema>>;
  readonly run: (context: never) => Promise<Result> | Result;
  readonly retryIf?: RetryIf;
  /** Property for the compiler only. It does not exist at run time. */
  readonly '~types'?: {
    readonly input: Input;
    readonly result: Awaited<Result>;
    readonly events: Events;
    readonly messages: Messages;
    /** Whether the handler may return a continuation. */
    readonly continues: Continues;
  };
}

/** Whether a result may be a continuation. */
type MayContinue<Result> = [Extract<Awaited<Result>, Continuation>] extends [never] ? false : true;

/** Type of a result that clients get. A continuation is not such a result. */
type WithoutContinuation<Result> = Exclude<Awaited<Result>, Continuation>;

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
export function defineHandler<
  const Schema,
  Result,
  Events extends EventMap = EventMap,
  const State = unknown,
  const Messages = unknown,
>(
  options: HandlerOptions<Schema, Result, Events, State, Messages>,
): Handler<InferInput<Schema>, WithoutContinuation<Result>, Events, Inputs<Messages>, MayContinue<Result>> {
  return options as never;
}
