import * as path from 'node:path';
import type { AcceptConfig, ActionConfig, ActionMode, InvokedFunction, QueueNames } from '../contract';
import type { StreamerBundlingOptions } from '../options/streamer-bundling-options';

/** Generates the source of a bundle's entry, or a part of that source. The parameter returns the import specifier of a module. */
export type Entry = (specifierOf: (file: string) => string) => string;

/** Description of an action for the functions that serve clients. */
export interface ServedAction {
  readonly action: string;
  /** Absolute path of the module that exports the input's schema. */
  readonly schemaFile?: string;
  readonly router: RouterPart;
  /** Settings of stored requests; undefined for a sync action, whose requests are not stored. */
  readonly stored?: StoredPart;
}

/** The part of the router's code that belongs to one action. */
export interface RouterPart {
  /** Expression that describes the action in the entry's map of actions. */
  readonly code: Entry;
  /** Name of the export of the runtime module `remote` that the expression calls. */
  readonly remote?: string;
  /** The handler, if it runs in the router's process. */
  readonly inside?: InsideHandler;
}

export interface InsideHandler {
  readonly action: string;
  readonly file: string;
  readonly bundling?: StreamerBundlingOptions;
}

export interface StoredPart {
  /** Settings that apply to each new request. */
  readonly accept: AcceptConfig;
  /** Whether the action refuses new requests. The entries of the router and the submitter then leave out the action. */
  readonly retired: boolean;
  /** Queues to which the dispatcher sends the requests. */
  readonly queues: QueueNames;
}

/** Returns a function that creates import specifiers relative to the project's root. The generated source is then the same in each checkout. */
export function relativeTo(projectRoot: string): (file: string) => string {
  return (file) => {
    const relative = path.relative(projectRoot, file).split(path.sep).join('/');
    return relative.startsWith('../') || path.isAbsolute(relative) ? relative : `./${relative}`;
  };
}

/** The handlers and topics that a router serves. */
export interface RouterParts {
  readonly handlers: readonly ServedAction[];
  /** Whether the API has topics. */
  readonly topics: boolean;
}

/**
 * Generates the router's entry. It contains the sync handlers that run in the router and the schemas of all other actions, never their handlers.
 *
 * The entry loads the user's modules inside functions. If a module throws, only the requests that need it fail, not the router.
 */
export function routerEntry({ handlers, topics }: RouterParts): Entry {
  return (specifierOf) => {
    const remotes = new Set(handlers.flatMap(({ router }) => router.remote ?? []));
    return [
      "import { createRouter } from 'cdk-streamer:runtime/router';",
      ...(remotes.size > 0 ? [importRemote([...remotes].sort().join(', '))] : []),
      ...(topics ? ["import { createTopics } from 'cdk-streamer:runtime/topics';"] : []),
      'export const handler = createRouter({ actions: {',
      ...handlers.map(({ action, router }) => `  ${JSON.stringify(action)}: ${router.code(specifierOf)},`),
      topics ? '}, topics: createTopics() });' : '} });',
      '',
    ].join('\n');
  };
}

const importRemote = (names: string): string => `import { ${names} } from 'cdk-streamer:runtime/remote';`;

/** Router part of a handler that runs in the router's process. */
export function routerLoads(action: string, file: string, bundling?: StreamerBundlingOptions): RouterPart {
  return {
    code: (specifierOf) => `{ kind: 'sync', load: ${loadOf(file)(specifierOf)} }`,
    inside: { action, file, bundling },
  };
}

/** Router part of a sync handler that runs in another function, which the router invokes. */
export function routerInvokes({ name, code }: RemoteCall, schemaFile?: string): RouterPart {
  return {
    remote: name,
    code: (specifierOf) => `{ kind: 'sync', handler: ${code}${schema(schemaFile, specifierOf)} }`,
  };
}

/** Router part of an action whose requests are stored. */
export function routerAccepts(accept: AcceptConfig, schemaFile?: string): RouterPart {
  return { code: (specifierOf) => `{ kind: 'async', ${propsOf(accept)}${schema(schemaFile, specifierOf)} }` };
}

const propsOf = (accept: AcceptConfig): string =>
  Object.entries(accept)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(', ');

const schema = (file: string | undefined, specifierOf: (file: string) => string): string =>
  file ? `, schema: ${loadOf(file)(specifierOf)}` : '';

/** A call of another function, as code of an entry. */
export interface RemoteCall {
  /** Name of the export of the runtime module `remote` that makes the call. */
  readonly name: string;
  readonly code: string;
}

/** Call of an isolated handler's function, which wraps its answer in an envelope. */
export function isolatedCall(action: string, remote: InvokedFunction): RemoteCall {
  const name = 'isolatedHandler';
  return { name, code: `${name}(${JSON.stringify(action)}, ${JSON.stringify(remote)})` };
}

/** Call of a user's function. */
export function functionCall(action: string, remote: InvokedFunction, mode: ActionMode): RemoteCall {
  const name = 'functionHandler';
  return { name, code: `${name}(${JSON.stringify(action)}, ${JSON.stringify(remote)}, '${mode}')` };
}

/** Code of an async action's processor. */
export interface ProcessorCode {
  readonly action: string;
  readonly config: ActionConfig;
  /** Expression of a function that loads the handler's module. */
  readonly load: Entry;
  /** Call of another function that `load` makes; undefined if it makes none. */
  readonly remote?: RemoteCall;
  readonly schemaFile?: string;
}

/** The entry of an async handler's processor. */
export function processorEntry({ action, config, load, remote, schemaFile }: ProcessorCode): Entry {
  return (specifierOf) =>
    [
      "import { createProcessor } from 'cdk-streamer:runtime/processor';",
      ...(remote ? [importRemote(remote.name)] : []),
      'export const handler = createProcessor({',
      `  action: ${JSON.stringify(action)},`,
      `  config: ${JSON.stringify(config)},`,
      `  load: ${load(specifierOf)},`,
      ...(schemaFile ? [`  schema: ${loadOf(schemaFile)(specifierOf)},`] : []),
      '});',
      '',
    ].join('\n');
}

/** The entry of a sync handler's own function. */
export function isolatedEntry(action: string, file: string): Entry {
  return (specifierOf) =>
    [
      "import { createIsolated } from 'cdk-streamer:runtime/isolated';",
      importDefault('work', specifierOf(file)),
      `export const handler = createIsolated({ action: ${JSON.stringify(action)}, handler: work });`,
      '',
    ].join('\n');
}

/**
 * The submitter's entry: all actions by name, with the schemas of async actions. The entry loads schemas with `require`, so that synthesis can check
 * them.
 */
export function submitterEntry(handlers: readonly ServedAction[]): Entry {
  return (specifierOf) =>
    [
      "import { createSubmitter } from 'cdk-streamer:runtime/submitter';",
      'export const handler = createSubmitter({ actions: {',
      ...handlers.map((handler) => `  ${JSON.stringify(handler.action)}: ${submitterAction(handler, specifierOf)},`),
      '} });',
      '',
    ].join('\n');
}

function submitterAction({ stored, schemaFile }: ServedAction, specifierOf: (file: string) => string): string {
  if (!stored) return "{ kind: 'sync' }";
  const schema = schemaFile ? `, schema: () => require(${JSON.stringify(specifierOf(schemaFile))})` : '';
  return `{ kind: 'async', ${propsOf(stored.accept)}${schema} }`;
}

/** The dispatcher's entry: the names of all queues by action. */
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

const importDefault = (name: string, specifier: string): string => `import ${name} from ${JSON.stringify(specifier)};`;

/**
 * Generates an expression: a function that loads a module. The expression works in both output formats, also for a module with a top-level await.
 *
 * A line break follows each specifier. Source maps count columns, and the specifier's length differs between checkouts.
 */
export const loadOf =
  (file: string): Entry =>
  (specifierOf) =>
    `() => import(${JSON.stringify(specifierOf(file))}\n  )`;
