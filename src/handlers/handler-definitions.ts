import { Duration } from 'aws-cdk-lib';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { validateBundling } from '../bundling/options';
import { BOUNDS, DEFAULTS } from '../contract';
import {
  type AsyncHandlerOptions,
  type FunctionHandlerOptions,
  type HandlerDirectoryOptions,
  HandlerMode,
  type RetryPolicy,
  type SyncHandlerOptions,
} from '../options/streamer-handler-options';
import { copyOptions } from '../validation/copy';
import { reject } from '../validation/errors';
import { HANDLER_FUNCTION_PROPS, validateFunctionOptions, validateRole } from '../validation/function-options';
import { validatePayloadSizes } from '../validation/payloads';
import {
  isAbsent,
  type PropNames,
  refuseToken,
  refuseUnknownProps,
  validateBoolean,
  validateDuration,
  validateKnownInteger,
  validateObject,
  validateOneOf,
  validateText,
} from '../validation/rules';
import { refuseAsyncOnly, refuseRequestOptions } from './async-only';
import { concurrencyOf } from './concurrency';
import { findHandlers } from './directory';
import { IsolatedHandler } from './kinds/isolated';
import type { HandlerKind } from './kinds/kind';
import { QueuedHandler } from './kinds/queued';
import { QueuedFunctionHandler } from './kinds/queued-function';
import { RouterHandler } from './kinds/router';
import { SyncFunctionHandler } from './kinds/sync-function';
import { cancelAfterOf } from './on-disconnect';
import { validateSchedules } from './schedules';

const MAX_TIMEOUT = Duration.millis(BOUNDS.functionTimeoutMs);
const DEFAULT_TIMEOUT = Duration.millis(DEFAULTS.action.timeoutMs);
/** Bounds of the time from a request's acceptance to its end. */
const DEADLINE = { min: Duration.seconds(1), max: Duration.days(365) };
const DEFAULT_BASE = Duration.millis(DEFAULTS.action.backoffBaseMs);
const DEFAULT_CAP = Duration.millis(DEFAULTS.action.backoffMaxMs);

const QUEUED_PROPS = {
  retry: true,
  maxConcurrency: true,
  concurrency: true,
  schedules: true,
  priorities: true,
  schema: true,
  timeout: true,
  deadline: true,
  onDisconnect: true,
  maxInputSize: true,
  maxResultSize: true,
} as const;
const SYNC_PROPS: PropNames<SyncHandlerOptions> = {
  ...HANDLER_FUNCTION_PROPS,
  isolated: true,
  memorySize: true,
  timeout: true,
};
const ASYNC_PROPS: PropNames<AsyncHandlerOptions> = {
  ...HANDLER_FUNCTION_PROPS,
  ...QUEUED_PROPS,
  memorySize: true,
  progressRate: true,
  retired: true,
};
const FUNCTION_PROPS: PropNames<FunctionHandlerOptions> = { ...QUEUED_PROPS, mode: true, retired: true };
const DIRECTORY_PROPS: PropNames<HandlerDirectoryOptions> = {
  mode: true,
  projectRoot: true,
  syncOptions: true,
  asyncOptions: true,
};
const RETRY_PROPS: PropNames<RetryPolicy> = { maxAttempts: true, base: true, cap: true };

const USE_ASYNC = "use `StreamerHandler.async('handlers/x.ts', { … })`";

/** Memory, in MB, of a function that only waits for another function. */
const WAITING_MEMORY = 512;

/** Creates the kind of handler for `StreamerHandler.sync`. */
export function syncHandler(entry: string, given: SyncHandlerOptions): HandlerKind {
  const options = copyOptions(given);
  validateEntry(entry);
  validateObject('options', options, 'be an object of options');
  refuseRequestOptions(options);
  refuseAsyncOnly(options.isolated ? 'an isolated sync handler' : 'a sync handler', options, USE_ASYNC);
  refuseUnknownProps(SYNC_PROPS, '', options);
  validateRole(options);
  validateBoolean('isolated', options.isolated);
  validateBundling('bundling', options.bundling);
  const { isolated, environment, initialPolicy, bundling, ...own } = options;
  if (!isolated) {
    refuseWithoutFunction(own);
    return new RouterHandler(entry, { environment, initialPolicy, bundling });
  }
  validateFunctionOptions('', own);
  validateDuration('timeout', own.timeout, Duration.seconds(1), Duration.millis(BOUNDS.syncTimeoutMs));
  const memorySize = own.memorySize ?? 1024;
  return new IsolatedHandler(entry, { ...own, environment, initialPolicy, bundling, memorySize });
}

/** Refuses function options for a handler in the router, because it has no separate function. */
function refuseWithoutFunction(own: object): void {
  const [found] = Object.entries(own).filter(([, value]) => value !== undefined);
  if (!found) return;
  const [prop, value] = found;
  const remedy =
    "A sync handler runs in the router's function: set `isolated: true` to give it a separate function, or set the option in the API's `router` for all sync handlers";
  reject(prop, 'come with `isolated: true`', value, remedy);
}

/** Creates the kind of handler for `StreamerHandler.async`. */
export function asyncHandler(entry: string, given: AsyncHandlerOptions): HandlerKind {
  const options = copyOptions(given);
  validateEntry(entry);
  validateObject('options', options, 'be an object of options');
  refuseRequestOptions(options);
  refuseUnknownProps(ASYNC_PROPS, '', options);
  validateRole(options);
  validateFunctionOptions('', options);
  validateBundling('bundling', options.bundling);
  validateDuration('timeout', options.timeout, Duration.seconds(1), MAX_TIMEOUT);
  validateKnownInteger('progressRate', options.progressRate, BOUNDS.progressRate.min, BOUNDS.progressRate.max);
  const { schema, retry, progressRate, memorySize, timeout, retired, ...rest } = options;
  const {
    concurrency: _,
    priorities: __,
    schedules: ___,
    deadline: ____,
    onDisconnect: _____,
    maxInputSize: ______,
    maxResultSize: _______,
    maxConcurrency,
    ...own
  } = rest;
  return new QueuedHandler(entry, {
    ...own,
    ...queued(options),
    schema,
    timeout: timeout ?? DEFAULT_TIMEOUT,
    memorySize: memorySize ?? 1024,
    ...concurrencyOf(options),
    progressRate: progressRate ?? DEFAULTS.action.progressRate,
  });
}

/** Creates the kind of handler for `StreamerHandler.fromFunction`. */
export function functionHandler(fn: IFunction, given: FunctionHandlerOptions): HandlerKind {
  const options = copyOptions(given);
  if (!fn?.functionArn)
    reject('fn', 'be a Lambda function', fn, 'Use a Function of aws-cdk-lib/aws-lambda, or an imported one');
  validateObject('options', options, 'be an object of options');
  refuseRequestOptions(options);
  refuseUnknownProps(FUNCTION_PROPS, '', options);
  validateMode(options.mode);
  validateText('schema', options.schema);
  refuseToken('schema', options.schema);
  const mode = options.mode ?? HandlerMode.ASYNC;
  return mode === HandlerMode.SYNC ? syncFunction(fn, options) : asyncFunction(fn, options);
}

function syncFunction(fn: IFunction, options: FunctionHandlerOptions): HandlerKind {
  refuseAsyncOnly('a function in `HandlerMode.SYNC`', options, 'use `HandlerMode.ASYNC`, the default');
  const { schema, timeout } = options;
  validateDuration('timeout', timeout, Duration.seconds(1), Duration.millis(BOUNDS.syncTimeoutMs));
  return new SyncFunctionHandler(fn, { schema, timeout });
}

function asyncFunction(fn: IFunction, options: FunctionHandlerOptions): HandlerKind {
  validateDuration('timeout', options.timeout, Duration.seconds(1), MAX_TIMEOUT);
  return new QueuedFunctionHandler(fn, {
    ...queued(options),
    schema: options.schema,
    timeout: options.timeout ?? knownTimeoutOf(fn) ?? DEFAULT_TIMEOUT,
    memorySize: WAITING_MEMORY,
    ...concurrencyOf(options),
    progressRate: DEFAULTS.action.progressRate,
  });
}

/** Returns the timeout of a function that this app creates. */
function knownTimeoutOf(fn: Partial<LambdaFunction>): Duration | undefined {
  if (!fn.timeout?.isUnresolved()) return fn.timeout;
  const must = 'be given for a function whose own timeout is known only at deployment';
  const remedy = 'For example `StreamerHandler.fromFunction(fn, { timeout: Duration.minutes(5) })`';
  return reject('timeout', must, undefined, remedy);
}

/** Returns the action and the handler of each module in a folder. */
export function directoryHandlers(directory: string, options: HandlerDirectoryOptions): [string, HandlerKind][] {
  validateObject('options', options, 'be an object of options');
  refuseUnknownProps(DIRECTORY_PROPS, '', options);
  validateMode(options.mode);
  const { mode, projectRoot, syncOptions = {}, asyncOptions = {} } = options;
  return findHandlers(directory, projectRoot ?? undefined, mode ?? HandlerMode.ASYNC).map((found) => [
    found.action,
    found.mode === HandlerMode.SYNC ? syncHandler(found.file, syncOptions) : asyncHandler(found.file, asyncOptions),
  ]);
}

function validateMode(mode: HandlerMode | undefined): void {
  refuseToken('mode', mode);
  validateOneOf('mode', mode, HandlerMode, 'HandlerMode.SYNC');
}

function validateEntry(entry: unknown): void {
  refuseToken('entry', entry);
  if (typeof entry === 'string' && entry !== '') return;
  reject(
    'entry',
    "be the path of a handler's module",
    entry,
    "For example 'handlers/report.ts', from the project's root",
  );
}

/** Options that all async handlers have, except the concurrency options. */
type CommonOptions = Pick<
  AsyncHandlerOptions,
  'schema' | 'retry' | 'retired' | 'schedules' | 'deadline' | 'onDisconnect' | 'maxInputSize' | 'maxResultSize'
>;

function queued(options: CommonOptions) {
  const { schema, retry, retired, schedules, deadline, onDisconnect, maxInputSize, maxResultSize } = options;
  validateText('schema', schema);
  refuseToken('schema', schema);
  validateBoolean('retired', retired);
  refuseUnknownProps(RETRY_PROPS, 'retry.', retry);
  validateSchedules(schedules, retired);
  validateDuration('deadline', deadline, DEADLINE.min, DEADLINE.max);
  validatePayloadSizes('', { maxInputSize, maxResultSize }, true);
  return {
    retired: retired ?? false,
    retry: validRetry(retry ?? {}),
    schedules: schedules ?? [],
    deadline: deadline ?? undefined,
    cancelAfterMs: cancelAfterOf(onDisconnect),
    maxInputSize: maxInputSize ?? undefined,
    maxResultSize: maxResultSize ?? undefined,
  };
}

function validRetry(policy: RetryPolicy): Required<RetryPolicy> {
  const maxAttempts = policy.maxAttempts ?? DEFAULTS.action.maxAttempts;
  const base = policy.base ?? DEFAULT_BASE;
  const cap = policy.cap ?? DEFAULT_CAP;
  validateKnownInteger('retry.maxAttempts', maxAttempts, 1, 100);
  validateDuration('retry.base', base, Duration.millis(100), Duration.hours(1));
  validateDuration('retry.cap', cap, Duration.millis(100), Duration.hours(12));
  if (cap.toMilliseconds() < base.toMilliseconds()) {
    const which = isAbsent(policy.base) ? 'the default of `retry.base`' : '`retry.base`';
    const remedy = isAbsent(policy.base) ? 'Set a smaller `retry.base`, too' : undefined;
    reject('retry.cap', `be at least ${which} (${base.toHumanString()})`, cap.toHumanString(), remedy);
  }
  return { maxAttempts, base, cap };
}
