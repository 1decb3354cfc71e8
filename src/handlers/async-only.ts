import type { AsyncHandlerOptions } from '../options/streamer-handler-options';
import { reject } from '../validation/errors';
import { isAbsent } from '../validation/rules';

/** Options that only async handlers have, because they concern the queue and the stored requests of an action. */
const ASYNC_ONLY: readonly (keyof AsyncHandlerOptions)[] = [
  'retry',
  'maxConcurrency',
  'concurrency',
  'schedules',
  'priorities',
  'deadline',
  'maxInputSize',
  'maxResultSize',
  'onDisconnect',
  'progressRate',
  'retired',
];

/**
 * Refuses the first option that only async handlers have.
 *
 * @param kind the kind of the handler, for the message: `a sync handler`
 * @param remedy the call that creates an async handler
 */
export function refuseAsyncOnly(kind: string, options: object, remedy: string): void {
  const given = options as Readonly<Record<string, unknown>>;
  const found = ASYNC_ONLY.find((name) => !isAbsent(given[name]));
  if (found === undefined) return;
  reject(found, `be left out of ${kind}`, given[found], `Only async handlers have \`${found}\`: ${remedy}`);
}

/** Options of requests that have no similar option of a handler. */
const REQUEST_OPTIONS = ['debounce', 'processAfter'] as const;

/** Refuses options that belong to the requests of an async action, and not to its handler. */
export function refuseRequestOptions(options: object): void {
  const given = options as Readonly<Record<string, unknown>>;
  const found = REQUEST_OPTIONS.find((name) => !isAbsent(given[name]));
  if (found === undefined) return;
  const remedy = `Only requests of async handlers have \`${found}\`: \`client.request(action, input, { ${found}: … })\``;
  reject(found, 'be an option of a request, not of a handler', given[found], remedy);
}
