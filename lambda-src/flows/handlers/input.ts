import type { AcceptConfig, Limits } from '../../../src/contract';
import type { RetryIf } from '../../handler/define';
import type { SchemaIssue, StandardSchema } from '../../handler/standard-schema';
import { CONSTANTS, exceedsBytes, isShowable, type Json, StreamerError, toStreamerError } from '../../protocol';
import type { RunHandler } from './context';

/** A schema module, as a bundle imports it. */
export type Module = Record<string, unknown>;

/** The default export of a handler's module. */
export interface RunnableHandler {
  readonly input?: unknown;
  readonly streams?: boolean;
  readonly state?: unknown;
  readonly messages?: unknown;
  readonly run: RunHandler;
  readonly retryIf?: RetryIf;
}

/** A schema, or a function that loads a module and returns its schema. */
export type SchemaSource = StandardSchema | (() => Promise<StandardSchema | undefined>);

/**
 * Returns the handler that a module exports by default. CommonJS modules may export it as `exports.default`.
 *
 * @throws TypeError if the default export is not a handler
 */
export function handlerOf(module: Module): RunnableHandler {
  const { default: exported } = module;
  const found = [exported, (exported as Module | undefined)?.default].find(isRunnable);
  if (found) return found;
  throw withoutStack(
    new TypeError(
      `the module's default export must be a handler, \`export default defineHandler({ run: … })\`; it is ${describe(exported)}`,
    ),
  );
}

/** Removes the stack of an error about a module, because its frames are only those of this library. */
function withoutStack(error: Error): Error {
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  return `an object with ${Object.keys(value).join(', ') || 'nothing'}`;
}

const isRunnable = (value: unknown): value is RunnableHandler =>
  typeof (value as RunnableHandler | undefined | null)?.run === 'function';

/** Returns the schema of a handler's input: the handler's own schema, otherwise the schema of the separate module. */
export function inputOf({ input }: RunnableHandler, module?: Module): StandardSchema | undefined {
  return isSchema(input) ? input : schemaOf(module);
}

/** Returns the schema that a module exports as `input` or by default; undefined if there is none. */
export function schemaOf(module: Module | undefined): StandardSchema | undefined {
  return [module?.input, module?.default].find(isSchema);
}

export function isSchema(value: unknown): value is StandardSchema {
  return typeof (value as StandardSchema | undefined)?.['~standard']?.validate === 'function';
}

/**
 * Validates an input, or another value that `what` names in the error. @throws StreamerError `INVALID_INPUT` with the first issues in its details, or
 * `HANDLER_ERROR` if the schema itself throws. A retry would fail in the same way, so neither error is retryable
 */
export async function parseInput(source: SchemaSource | undefined, input: unknown, what = 'input'): Promise<unknown> {
  const schema = isSchema(source) ? source : await source?.();
  if (!schema) return input;
  const result = await validate(schema, input);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.slice(0, CONSTANTS.limits.issues).map(wireIssue);
  throw new StreamerError('INVALID_INPUT', `The ${what} is not valid: ${summary(issues)}`, { details: { issues } });
}

/** An action, as far as the size of its inputs is concerned. */
export interface SizedAction extends Pick<AcceptConfig, 'maxInputBytes'> {
  readonly kind: 'sync' | 'async';
}

/** Maximum bytes of an action's input. The input of a sync action is always a part of its message. */
export function inputLimit({ kind, maxInputBytes }: SizedAction, limits: Limits): number {
  const limit = maxInputBytes ?? limits.maxInputBytes ?? CONSTANTS.limits.clientFrameBytes;
  return kind === 'sync' ? Math.min(limit, CONSTANTS.limits.clientFrameBytes) : limit;
}

/** Checks the size of an input before any part of it is stored. @throws StreamerError `PAYLOAD_TOO_LARGE` */
export function checkInputSize(input: Json | undefined, action: SizedAction, limits: Limits): void {
  const limit = inputLimit(action, limits);
  if (input !== undefined && exceedsBytes(JSON.stringify(input), limit)) throw tooLarge(limit);
}

export const tooLarge = (limit: number): StreamerError =>
  new StreamerError('PAYLOAD_TOO_LARGE', `The input must be at most ${limit} bytes of JSON.`, { details: { limit } });

async function validate(schema: StandardSchema, input: unknown) {
  try {
    return await schema['~standard'].validate(input);
  } catch (thrown) {
    if (isShowable(thrown)) throw toStreamerError(thrown);
    throw new StreamerError('HANDLER_ERROR', 'The handler failed.', { cause: thrown });
  }
}

function wireIssue({ message, path }: SchemaIssue): { path: string; message: string } {
  // Does not use `path.map`: arktype's paths have their own class, whose `map` would add an element to an empty path.
  const keys = Array.from(path ?? [], (part) => String(typeof part === 'object' ? part.key : part));
  return { path: keys.join('.'), message };
}

function summary(issues: { path: string; message: string }[]): Json & string {
  return issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
}

/** Schemas of the messages to a request, by name. */
export type MessageSchemas = Readonly<Record<string, StandardSchema>>;

/**
 * Returns the schemas of a handler's messages: the handler's own schemas, or those that the module next to the handler exports as `messages`.
 * Undefined if there are none.
 */
export function messagesOf(
  source: { readonly messages?: unknown } | undefined,
  module?: Module,
): MessageSchemas | undefined {
  return [source?.messages, module?.messages].find(areSchemas);
}

const areSchemas = (value: unknown): value is MessageSchemas =>
  typeof value === 'object' && value !== null && Object.values(value).every(isSchema);

/**
 * Validates a message by the schema of its name. Without schemas any message is valid.
 *
 * @throws StreamerError `INVALID_INPUT` if there is no schema with the name, or if the data does not match it
 */
export async function parseMessage(schemas: MessageSchemas | undefined, name: string, data: unknown): Promise<unknown> {
  if (schemas === undefined) return data;
  if (Object.hasOwn(schemas, name)) return parseInput(schemas[name], data, 'data of the message');
  const message = `must be one of ${Object.keys(schemas).join(', ')}`;
  throw new StreamerError('INVALID_INPUT', `The action takes no message with that name: \`name\` ${message}.`, {
    details: { issues: [{ path: 'name', message }] },
  });
}
