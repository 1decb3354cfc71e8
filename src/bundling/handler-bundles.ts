import type { Construct } from 'constructs';
import type { QueueNames } from '../contract';
import type { StreamerBundlingOptions } from '../options/streamer-bundling-options';
import type { HandlerFunctionOptions, RouterOptions } from '../options/streamer-function-options';
import type { FunctionDefaults, Settings } from '../settings';
import { platformOf } from '../validation/function-options';
import type { Bundle } from './bundle';
import { Bundles, SUBMITTER } from './bundles';
import { dispatcherEntry, type RouterParts, routerEntry, type ServedAction, submitterEntry } from './entry';
import { mergeBundling, routerBundling } from './options';

/** An action, and the code that runs it. */
export interface BundledAction extends ServedAction {
  /** Absolute path of the handler's module. The module is checked before it is bundled. */
  readonly file?: string;
  /** Bundle of the action's own function; undefined if the action has no own function, or if its function is not bundled. */
  readonly bundle?: Bundle;
}

/** Values from which the bundles of an API are derived. */
export interface BundledParts extends RouterParts {
  readonly handlers: readonly BundledAction[];
  /** The API's options, with which those of a handler are merged. */
  readonly bundling: StreamerBundlingOptions;
  readonly functionDefaults: FunctionDefaults;
  readonly router: RouterOptions;
}

/** Creates the bundles of all functions that contain or list handlers. They are built together. */
export function handlerBundles(scope: Construct, projectRoot: string, parts: BundledParts): Bundles {
  const { handlers } = parts;
  const own = handlers.flatMap(({ bundle }) => bundle ?? []);
  return new Bundles(
    scope,
    projectRoot,
    [routerBundle(parts), submitterBundle(parts), dispatcherBundle(parts), ...own],
    {
      handlers: named(handlers, 'file', ''),
      schemas: named(handlers, 'schemaFile', '.schema'),
    },
  );
}

/**
 * Returns the submitter's bundle. The bundle is built even for an API without a submitter, because synthesis checks the schemas with it. Its format
 * is CommonJS, so that the check can run it.
 */
function submitterBundle({ handlers, bundling, functionDefaults }: BundledParts): Bundle {
  const { format: _, assets: __, commandHooks: ___, metafile: ____, sourceMapMode: _____, ...shared } = bundling;
  return {
    name: SUBMITTER,
    entry: submitterEntry(handlers.filter(isOpen)),
    runtimes: ['submitter'],
    bundling: shared,
    ownModules: [],
    handlerFiles: [],
    platform: platformOf(functionDefaults),
  };
}

/** Name of the dispatcher's bundle, which contains the names of all queues. */
export const DISPATCHER = 'dispatcher';

/**
 * Returns the dispatcher's bundle, which contains no module of the user. With the default options it is built in the same run as the other bundles.
 */
function dispatcherBundle({ handlers, functionDefaults }: BundledParts): Bundle {
  const queues = handlers.flatMap(({ action, stored }): [string, QueueNames][] =>
    stored ? [[action, stored.queues]] : [],
  );
  return {
    name: DISPATCHER,
    entry: dispatcherEntry(new Map(queues)),
    runtimes: ['dispatcher'],
    bundling: {},
    ownModules: [],
    handlerFiles: [],
    platform: platformOf(functionDefaults),
  };
}

/** Name of the router's bundle. */
export const ROUTER = 'router';

/**
 * Returns the router's bundle. All of its code is loaded at each cold start. So the code that invokes functions, and the code that serves topics, are
 * included only if the API needs them.
 */
function routerBundle(parts: BundledParts): Bundle {
  const { handlers, topics, bundling, functionDefaults, router } = parts;
  const inside = handlers.flatMap((handler) => handler.router.inside ?? []);
  const invokes = handlers.some((handler) => handler.router.remote !== undefined);
  return {
    name: ROUTER,
    entry: routerEntry({ ...parts, handlers: handlers.filter(isOpen) }),
    runtimes: ['router', ...(invokes ? (['remote'] as const) : []), ...(topics ? (['topics'] as const) : [])],
    bundling: routerBundling(bundling, inside),
    ownModules: [...new Set(inside.flatMap((each) => each.bundling?.nodeModules ?? []))],
    handlerFiles: inside.map(({ file }) => file),
    platform: platformOf(functionDefaults, router),
  };
}

/** Returns the fields that a bundle has for every kind of handler with a separate function. */
export function ownBundle(
  action: string,
  file: string | undefined,
  options: HandlerFunctionOptions,
  api: { readonly settings: Settings; readonly bundling: StreamerBundlingOptions },
): Pick<Bundle, 'action' | 'bundling' | 'ownModules' | 'handlerFiles' | 'platform'> {
  const bundling = mergeBundling(api.bundling, options.bundling);
  return {
    action,
    bundling,
    ownModules: bundling.nodeModules ?? [],
    handlerFiles: file ? [file] : [],
    platform: platformOf(api.settings.functionDefaults, options),
  };
}

/** Whether the action accepts new requests. A retired action does not. */
export const isOpen = ({ stored }: ServedAction): boolean => !stored?.retired;

function named(handlers: readonly BundledAction[], field: 'file' | 'schemaFile', suffix: string) {
  return handlers.flatMap(({ action, [field]: file }) =>
    file ? [{ action, prop: `handlers.${action}${suffix}`, file }] : [],
  );
}
