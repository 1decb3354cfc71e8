import type { Construct } from 'constructs';
import { type Bundle, Bundles, SUBMITTER } from './bundling';
import {
  dispatcherEntry,
  isolatedEntry,
  type LocatedHandler,
  processorEntry,
  type QueueNames,
  type RouterParts,
  routerEntry,
  submitterEntry,
} from './entry';
import type { Runtime } from './esbuild-options';

/** The bundles of an API's functions that hold handlers, which are built together. */
export function handlerBundles(scope: Construct, projectRoot: string, parts: RouterParts): Bundles {
  const { handlers } = parts;
  const own = handlers.flatMap((handler) => {
    if (!handler.sync) return [processorBundle(handler)];
    return handler.runs === 'own' ? [isolatedBundle(handler)] : [];
  });
  return new Bundles(
    scope,
    projectRoot,
    [routerBundle(parts), submitterBundle(handlers), dispatcherBundle(handlers), ...own],
    {
      handlers: named(handlers, 'file', ''),
      schemas: named(handlers, 'schemaFile', '.schema'),
    },
  );
}

/** The submitter's, built also where the API has none: it is what the schemas are checked by. */
function submitterBundle(handlers: readonly LocatedHandler[]): Bundle {
  return { name: SUBMITTER, entry: submitterEntry(handlers.filter(isOpen)), runtimes: ['submitter'] };
}

/** Name of the dispatcher's bundle, which holds the names of all queues. */
export const DISPATCHER = 'dispatcher';

function dispatcherBundle(handlers: readonly LocatedHandler[]): Bundle {
  const queues = handlers.flatMap(({ action, queues }): [string, QueueNames][] => (queues ? [[action, queues]] : []));
  return { name: DISPATCHER, entry: dispatcherEntry(new Map(queues)), runtimes: ['dispatcher'] };
}

/** Name of the router's bundle. */
export const ROUTER = 'router';

/** The router's. The parts that invoke functions and serve topics are in it only where they are needed: they are loaded at each cold start. */
function routerBundle(parts: RouterParts): Bundle {
  const { handlers, topics } = parts;
  const invokes = handlers.some(({ sync, runs }) => sync && runs !== 'router');
  const runtimes = withRemote('router', invokes);
  return {
    name: ROUTER,
    entry: routerEntry({ ...parts, handlers: handlers.filter(isOpen) }),
    runtimes: topics ? [...runtimes, 'topics'] : runtimes,
  };
}

export function processorBundle(handler: LocatedHandler): Bundle {
  return {
    name: `processor ${handler.action}`,
    entry: processorEntry(handler),
    runtimes: withRemote('processor', handler.runs === 'function'),
    besides: ['heartbeat.js'],
  };
}

export function isolatedBundle(handler: LocatedHandler): Bundle {
  return { name: `isolated ${handler.action}`, entry: isolatedEntry(handler), runtimes: ['isolated'] };
}

const isOpen = ({ retired }: LocatedHandler): boolean => !retired;

const withRemote = (runtime: Runtime, invokes: boolean): Runtime[] => (invokes ? [runtime, 'remote'] : [runtime]);

function named(handlers: readonly LocatedHandler[], field: 'file' | 'schemaFile', suffix: string) {
  return handlers.flatMap(({ action, [field]: file }) =>
    file ? [{ action, prop: `handlers.${action}${suffix}`, file }] : [],
  );
}
