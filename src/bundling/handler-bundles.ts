import type { Construct } from 'constructs';
import type { QueueNames } from '../contract';
import type { Definition } from '../handlers/definitions';
import type { RouterOptions } from '../options/router-options';
import type { StreamerBundlingOptions } from '../options/streamer-bundling-options';
import type { StreamerFunctionOptions } from '../options/streamer-function-options';
import type { FunctionDefaults } from '../settings';
import { platformOf } from '../validation/function-options';
import type { Bundle } from './bundle';
import { Bundles, SUBMITTER } from './bundles';
import {
  dispatcherEntry,
  isolatedEntry,
  type LocatedHandler,
  processorEntry,
  type RouterParts,
  routerEntry,
  submitterEntry,
} from './entry';
import type { Runtime } from './esbuild/options';
import { mergeBundling, routerBundling } from './options';

/** A handler with its resolved files and options. */
export interface DefinedHandler extends LocatedHandler {
  readonly definition: Definition;
}

/** Inputs from which the bundles of an API are derived. */
export interface BundledParts extends RouterParts {
  readonly handlers: readonly DefinedHandler[];
  /** The API's options, with which those of a handler are merged. */
  readonly bundling: StreamerBundlingOptions;
  readonly functionDefaults: FunctionDefaults;
  readonly router: RouterOptions;
}

/** The bundles of an API's functions that hold handlers, which are built together. */
export function handlerBundles(scope: Construct, projectRoot: string, parts: BundledParts): Bundles {
  const { handlers } = parts;
  const own = handlers.flatMap((handler) => {
    if (!handler.sync) return [processorBundle(handler, parts)];
    return handler.runs === 'own' ? [isolatedBundle(handler, parts)] : [];
  });
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

type Shared = Pick<BundledParts, 'bundling' | 'functionDefaults'>;

/**
 * The submitter's bundle. It is also built for an API without a submitter, because synthesis checks the schemas with it; it is CommonJS so that the check can
 * run it.
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

/** Name of the dispatcher's bundle, which holds the names of all queues. */
export const DISPATCHER = 'dispatcher';

/** The bundle contains no module of the user. With the default options it is built in the same run as the others. */
function dispatcherBundle({ handlers, functionDefaults }: BundledParts): Bundle {
  const queues = handlers.flatMap(({ action, queues }): [string, QueueNames][] => (queues ? [[action, queues]] : []));
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

/** The router's. The parts that invoke functions and serve topics are in it only where they are needed: they are loaded at each cold start. */
function routerBundle(parts: BundledParts): Bundle {
  const { handlers, topics, bundling, functionDefaults, router } = parts;
  const invokes = handlers.some(({ sync, runs }) => sync && runs !== 'router');
  const runtimes = withRemote('router', invokes);
  const inside = handlers.filter(({ sync, runs }) => sync && runs === 'router');
  const options = inside.map(({ action, definition }) => ({ action, bundling: bundlingOf(definition) }));
  return {
    name: ROUTER,
    entry: routerEntry({ ...parts, handlers: handlers.filter(isOpen) }),
    runtimes: topics ? [...runtimes, 'topics'] : runtimes,
    bundling: routerBundling(bundling, options),
    ownModules: [...new Set(options.flatMap((each) => each.bundling?.nodeModules ?? []))],
    handlerFiles: inside.flatMap(({ file }) => file ?? []),
    platform: platformOf(functionDefaults, router),
  };
}

function processorBundle(handler: DefinedHandler, shared: Shared): Bundle {
  return {
    ...ownBundle(handler, shared),
    name: processorName(handler),
    entry: processorEntry(handler),
    runtimes: withRemote('processor', handler.runs === 'function'),
    besides: ['heartbeat.js'],
  };
}

function isolatedBundle(handler: DefinedHandler, shared: Shared): Bundle {
  const entry = isolatedEntry(handler);
  return { ...ownBundle(handler, shared), name: isolatedName(handler), entry, runtimes: ['isolated'] };
}

/** Name of an async handler's bundle. */
export const processorName = ({ action }: { readonly action: string }): string => `processor ${action}`;

/** Name of an isolated handler's bundle. */
export const isolatedName = ({ action }: { readonly action: string }): string => `isolated ${action}`;

function ownBundle({ action, file, definition }: DefinedHandler, { bundling, functionDefaults }: Shared) {
  const merged = mergeBundling(bundling, bundlingOf(definition));
  const options: StreamerFunctionOptions = definition.runs === 'own' ? definition : {};
  return {
    action,
    bundling: merged,
    ownModules: merged.nodeModules ?? [],
    handlerFiles: file ? [file] : [],
    platform: platformOf(functionDefaults, options),
  };
}

const bundlingOf = (definition: Definition): StreamerBundlingOptions | undefined =>
  definition.runs === 'function' ? undefined : definition.bundling;

const isOpen = ({ retired }: LocatedHandler): boolean => !retired;

const withRemote = (runtime: Runtime, invokes: boolean): Runtime[] => (invokes ? [runtime, 'remote'] : [runtime]);

function named(handlers: readonly LocatedHandler[], field: 'file' | 'schemaFile', suffix: string) {
  return handlers.flatMap(({ action, [field]: file }) =>
    file ? [{ action, prop: `handlers.${action}${suffix}`, file }] : [],
  );
}
