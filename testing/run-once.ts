import { cancelledError } from '../lambda-src/core/cancellation';
import type { RequestItem } from '../lambda-src/core/request';
import { parseState } from '../lambda-src/flows/attempt/continue';
import { type AttemptDeps, type AttemptResult, runAttempt } from '../lambda-src/flows/attempt/run-attempt';
import type { RunHandler } from '../lambda-src/flows/handlers/context';
import type { SliceEnd } from '../lambda-src/flows/handlers/continuation';
import {
  checkInputSize,
  isSchema,
  type Module,
  messagesOf,
  parseInput,
  parseMessage,
  schemaOf,
} from '../lambda-src/flows/handlers/input';
import type { Platform } from '../lambda-src/flows/ports';
import { hashOf } from '../lambda-src/flows/requests/stored-request';
import type { StandardSchema } from '../lambda-src/handler';
import type { Json } from '../lambda-src/protocol';
import { BOUNDS, DEFAULTS, type Limits } from '../src/contract';
import type {
  AnyHandler,
  HandlerRun,
  RecordedContinuation,
  RecordedError,
  RunOptions,
  SentMessage,
} from './handler-types';
import { Recorder } from './recorder';

/** Implements `runHandler`, with the clock and the random source as arguments. */
export async function runOnce(
  handler: AnyHandler,
  input: unknown,
  options: RunOptions,
  platform: Platform,
): Promise<HandlerRun<AnyHandler>> {
  checkHandler(handler);
  const stop = new AbortController();
  const abort = () => stop.abort(cancelledError({}));
  const limits: Limits = { ...DEFAULTS.limits, ...options.limits };
  const recorder = new Recorder(limits, (reports) => {
    if (reports === options.abortAfterProgress) abort();
  });
  const release = follow(options.signal, abort);
  const deps: AttemptDeps = {
    ...{ platform, limits, log: recorder.log, store: storeWith(options.messages ?? [], platform) },
    run: handler.run as RunHandler,
    resultBytes: options.limits?.maxResultBytes && BOUNDS.payloadBytes,
    retryIf: async (...asked) => handler.retryIf?.(...asked),
    streamsInput: async () => handler.streams === true,
    parseInput: inputParser(handler, options, limits),
    parseMessage: (name, data) => parseMessage(messagesOf(handler), name, data),
    parseState: (state) => parseState(handler.state, state),
  };
  const { timeoutMs = DEFAULTS.action.timeoutMs } = options;
  const functionEndsAt = platform.now() + timeoutMs + Math.min(BOUNDS.writeMarginMs, timeoutMs / 4);
  const outcome = await runAttempt(deps, requestOf(input, options, platform), recorder.reporter, stop, functionEndsAt);
  recorder.close();
  release();
  const { progress, events, snapshots, lines: log } = recorder;
  return { ...describe(outcome), progress, events, snapshots, log } as unknown as HandlerRun<AnyHandler>;
}

function checkHandler(handler: unknown): void {
  if (typeof (handler as AnyHandler | undefined)?.run === 'function') return;
  const isModule = typeof (handler as { default?: AnyHandler } | undefined)?.default?.run === 'function';
  throw new TypeError(
    isModule
      ? 'runHandler: got a whole module; pass its default export'
      : `runHandler: expected what defineHandler returns, got: ${handler === null ? 'null' : typeof handler}`,
  );
}

function follow(signal: RunOptions['signal'], abort: () => void): () => void {
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  return () => signal?.removeEventListener('abort', abort);
}

/** Validates an input as the router and the processor do. */
function inputParser(handler: AnyHandler, { schema }: RunOptions, limits: Limits): AttemptDeps['parseInput'] {
  const own = isSchema(handler.input) ? handler.input : schemaGiven(schema);
  return async (value) => {
    checkInputSize(value as Json | undefined, { kind: 'async' }, limits);
    return parseInput(own, value);
  };
}

/** Returns the given schema, or the one that the given module exports. */
function schemaGiven(schema: unknown): StandardSchema | undefined {
  if (schema === undefined) return undefined;
  const found = isSchema(schema) ? schema : schemaOf(schema as Module);
  if (!found)
    throw new TypeError('runHandler: `schema` must implement Standard Schema, or be a module that exports one');
  return found;
}

/**
 * Creates a store from which an attempt reads only the messages of its request. The request itself contains its input.
 */
function storeWith(messages: readonly SentMessage[], platform: Platform): AttemptDeps['store'] {
  const items = messages.map(({ name, data }, index) => ({
    ...{ offset: index + 1, messageId: `message-${index + 1}`, name, sentAt: platform.now() },
    ...(data !== undefined && { data: jsonText('message', data) }),
  }));
  return { get: async () => undefined, query: async ({ from = 0 }) => items.filter(({ offset }) => offset >= from) };
}

function requestOf(
  input: unknown,
  { identity = {}, request = {}, state }: RunOptions,
  platform: Platform,
): RequestItem {
  const { id = 'test-request', action = 'test-action', attempt = 1, run = 1, slice = 1 } = request;
  const { tenant = 'test-tenant', user = 'test-user' } = identity;
  const { createdAt = platform.now() } = request;
  const item: Partial<RequestItem> = {
    ...{ id, action, tenant, user, run, attempt, createdAt },
    fence: attempt,
    inputHash: hashOf([action]),
    ...(slice > 1 && { continued: slice - 1 }),
    ...(input !== undefined && { input: jsonText('input', input) }),
    ...(state !== undefined && { state: jsonText('state', state) }),
  };
  return item as RequestItem;
}

const continuedBy = ({ state, delayMs }: SliceEnd): RecordedContinuation => ({
  state: state === undefined ? undefined : JSON.parse(state),
  delay: delayMs / 1000,
});

function jsonText(name: 'input' | 'state' | 'message', value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new TypeError(`runHandler: the ${name} must be JSON`, { cause });
  }
}

type Described = { result: unknown } | { continued: RecordedContinuation } | { error: RecordedError };

function describe(outcome: AttemptResult): Described {
  if ('text' in outcome) return { result: JSON.parse(outcome.text) };
  if ('sliceEnd' in outcome) return { continued: continuedBy(outcome.sliceEnd) };
  const { error, partial } = outcome;
  const { cause } = error;
  return {
    error: {
      ...error.toWire(),
      ...(partial !== undefined && { partial: JSON.parse(partial) }),
      ...(cause !== undefined && { cause }),
    },
  };
}
