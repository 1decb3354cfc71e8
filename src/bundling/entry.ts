import * as path from 'node:path';
import type { ActionConfig, InvokedFunction, QueueNames } from '../contract';

/** A handler whose files have been found. */
export interface LocatedHandler {
  readonly action: string;
  readonly sync: boolean;
  /** Where the work is done: in the router's process, in a function made for it, or in a function of the user's. */
  readonly runs: 'router' | 'own' | 'function';
  /** Absolute path of the module that exports the handler; none where a function of the user's does the work. */
  readonly file?: string;
  /** Absolute path of the module that exports the input's schema. */
  readonly schemaFile?: string;
  /** Settings of an async action that the functions need; undefined for a sync action. */
  readonly config?: ActionConfig;
  /** Whether an async action refuses new requests: the router and submitter then do not know the action. */
  readonly retired?: boolean;
  /** Names of the queues of an async action. */
  readonly queues?: QueueNames;
  /** The function that runs the action for another function; undefined if the handler is in the caller's bundle. */
  readonly remote?: InvokedFunction;
}

/** Source of a bundle's entry, given how it names a module. */
export type Entry = (specifierOf: (file: string) => string) => string;

/** Names modules relative to the project root, so that the text is the same in each checkout. */
export function relativeTo(projectRoot: string): (file: string) => string {
  return (file) => {
    const relative = path.relative(projectRoot, file).split(path.sep).join('/');
    return relative.startsWith('../') || path.isAbsolute(relative) ? relative : `./${relative}`;
  };
}

/** What a router serves. */
export interface RouterParts {
  readonly handlers: readonly LocatedHandler[];
  /** Whether there are topics. */
  readonly topics: boolean;
}

/**
 * The router's entry: sync handlers that run in it and the schemas of all others, never another handler.
 *
 * The entry loads the user's modules in functions, so that a module that throws fails the requests that need it and not the function.
 */
export function routerEntry({ handlers, topics }: RouterParts): Entry {
  return (specifierOf) => {
    const remotes = new Set(handlers.filter(isRemoteSync).map(remoteOf));
    return [
      "import { createRouter } from 'cdk-streamer:runtime/router';",
      ...(remotes.size > 0 ? [`import { ${[...remotes].sort().join(', ')} } from 'cdk-streamer:runtime/remote';`] : []),
      ...(topics ? ["import { createTopics } from 'cdk-streamer:runtime/topics';"] : []),
      'export const handler = createRouter({ actions: {',
      ...handlers.map((handler) => `  ${JSON.stringify(handler.action)}: ${routerAction(handler, specifierOf)},`),
      topics ? '}, topics: createTopics() });' : '} });',
      '',
    ].join('\n');
  };
}

function routerAction(handler: LocatedHandler, specifierOf: (file: string) => string): string {
  const { file, schemaFile, config } = handler;
  const schema = schemaFile ? `, schema: ${loadOf(specifierOf(schemaFile))}` : '';
  if (!handler.sync) return `{ kind: 'async', maxAttempts: ${config?.maxAttempts}${schema} }`;
  if (handler.runs === 'router' && file) return `{ kind: 'sync', load: ${loadOf(specifierOf(file))} }`;
  return `{ kind: 'sync', handler: ${remoteCall(handler)}${schema} }`;
}

/** The entry of an async handler's processor. */
export function processorEntry(handler: LocatedHandler): Entry {
  const { action, file, schemaFile, config } = handler;
  return (specifierOf) =>
    [
      "import { createProcessor } from 'cdk-streamer:runtime/processor';",
      ...(file ? [] : [`import { ${remoteOf(handler)} } from 'cdk-streamer:runtime/remote';`]),
      'export const handler = createProcessor({',
      `  action: ${JSON.stringify(action)},`,
      `  config: ${JSON.stringify(config)},`,
      `  load: ${file ? loadOf(specifierOf(file)) : `() => ({ default: ${remoteCall(handler)} })`},`,
      ...(schemaFile ? [`  schema: ${loadOf(specifierOf(schemaFile))},`] : []),
      '});',
      '',
    ].join('\n');
}

/** The entry of a sync handler's own function. */
export function isolatedEntry({ action, file = '' }: LocatedHandler): Entry {
  return (specifierOf) =>
    [
      "import { createIsolated } from 'cdk-streamer:runtime/isolated';",
      importDefault('work', specifierOf(file)),
      `export const handler = createIsolated({ action: ${JSON.stringify(action)}, handler: work });`,
      '',
    ].join('\n');
}

/** The submitter's entry: all actions by name, with the schemas of async ones. The entry loads schemas with `require`, so that synthesis can check them. */
export function submitterEntry(handlers: readonly LocatedHandler[]): Entry {
  return (specifierOf) =>
    [
      "import { createSubmitter } from 'cdk-streamer:runtime/submitter';",
      'export const handler = createSubmitter({ actions: {',
      ...handlers.map((handler) => `  ${JSON.stringify(handler.action)}: ${submitterAction(handler, specifierOf)},`),
      '} });',
      '',
    ].join('\n');
}

function submitterAction({ sync, config, schemaFile }: LocatedHandler, specifierOf: (file: string) => string): string {
  if (sync) return "{ kind: 'sync' }";
  const schema = schemaFile ? `, schema: () => require(${JSON.stringify(specifierOf(schemaFile))})` : '';
  return `{ kind: 'async', maxAttempts: ${config?.maxAttempts}${schema} }`;
}

/** The dispatcher's entry: the names of all queues. */
export function dispatcherEntry(queues: ReadonlyMap<string, QueueNames>): Entry {
  return () =>
    [
      "import { createDispatcher } from 'cdk-streamer:runtime/dispatcher';",
      'export const handler = createDispatcher({ queues: {',
      ...[...queues].map(([action, names]) => `  ${JSON.stringify(action)}: ${JSON.stringify(names)},`),
      '} });',
      '',
    ].join('\n');
}

const isRemoteSync = ({ sync, runs }: LocatedHandler): boolean => sync && runs !== 'router';

/** Export of the remote runtime that stands for the handler: our own function answers in an envelope, the user's does not. */
const remoteOf = ({ runs }: LocatedHandler): string => (runs === 'own' ? 'isolatedHandler' : 'functionHandler');

function remoteCall(handler: LocatedHandler): string {
  const target = `${JSON.stringify(handler.action)}, ${JSON.stringify(handler.remote)}`;
  return handler.runs === 'own'
    ? `isolatedHandler(${target})`
    : `functionHandler(${target}, '${handler.sync ? 'sync' : 'async'}')`;
}

const importDefault = (name: string, specifier: string): string => `import ${name} from ${JSON.stringify(specifier)};`;

/**
 * A function that loads a module. It works in both output formats, also for a module with a top-level await.
 *
 * Each specifier is followed by a line break, because its length differs between checkouts and source maps count columns.
 */
const loadOf = (specifier: string): string => `() => import(${JSON.stringify(specifier)}\n  )`;
