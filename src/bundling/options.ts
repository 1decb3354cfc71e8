import { isDeepStrictEqual } from 'node:util';
import { Token } from 'aws-cdk-lib';
import { Charset, LogLevel, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { StreamerBundlingOptions } from '../options/streamer-bundling-options';
import { reject } from '../validation/errors';
import {
  type PropNames,
  refuseUnknownProps,
  validateBoolean,
  validateObject,
  validateOneOf,
  validateText,
} from '../validation/rules';
import { parseEsbuildArgs } from './esbuild/args';

type Key = keyof StreamerBundlingOptions;

const BUNDLING_PROPS: PropNames<StreamerBundlingOptions> = {
  externalModules: true,
  nodeModules: true,
  assets: true,
  format: true,
  loader: true,
  define: true,
  inject: true,
  banner: true,
  footer: true,
  minify: true,
  keepNames: true,
  sourceMap: true,
  sourceMapMode: true,
  sourcesContent: true,
  target: true,
  tsconfig: true,
  preCompilation: true,
  commandHooks: true,
  esbuildArgs: true,
  mainFields: true,
  charset: true,
  metafile: true,
  logLevel: true,
  environment: true,
};

const ARRAYS = ['externalModules', 'nodeModules', 'assets', 'inject'] as const;
const MAPS = ['loader', 'define', 'esbuildArgs', 'environment'] as const;

/** Options that a sync handler in the router may set separately, because they do not affect the other handlers. */
const ADDITIVE: readonly Key[] = ['externalModules', 'nodeModules', 'assets', 'loader', 'define'];

/** Matches the name of an npm package, without a version and without a file of the package. */
const PACKAGE = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i;

/** Loaders that produce a module, or a file next to the bundle. */
const LOADER_NAMES = [
  ...['base64', 'binary', 'copy', 'css', 'dataurl', 'default', 'empty', 'file', 'js', 'json', 'jsx'],
  ...['local-css', 'global-css', 'text', 'ts', 'tsx'],
];

/**
 * Refuses options that esbuild or the package manager would refuse, or that cannot work together.
 *
 * @param at the property that holds the options
 */
export function validateBundling(at: string, options: StreamerBundlingOptions | undefined): void {
  if (options === undefined || options === null) return;
  validateObject(at, options, 'be an object of bundling options', "For example `{ nodeModules: ['sharp'] }`");
  refuseUnknownProps(BUNDLING_PROPS, `${at}.`, options);
  const { commandHooks: _, ...data } = options;
  for (const [key, value] of Object.entries(data)) refuseTokens(`${at}.${key}`, value);
  for (const key of [...ARRAYS, 'mainFields'] as const) validateStrings(`${at}.${key}`, options[key]);
  for (const name of options.nodeModules ?? []) {
    const remedy = 'The lock file determines the version';
    if (!PACKAGE.test(name)) reject(`${at}.nodeModules`, 'be names of packages', name, remedy);
  }
  for (const key of ['loader', 'define', 'environment'] as const) validateStringMap(`${at}.${key}`, options[key]);
  validateLoaders(`${at}.loader`, options.loader ?? {});
  validateScalars(at, options);
  if (options.esbuildArgs) parseEsbuildArgs(options.esbuildArgs, at);
}

/**
 * Refuses values that are known only at deployment, also inside other strings such as JSON. The bundle is built at synthesis, when such values are
 * not known.
 */
function refuseTokens(prop: string, value: unknown): void {
  if (Token.isUnresolved(value)) {
    const remedy = 'Pass it to the function through `environment`, and read it from `process.env`';
    reject(prop, 'be known when the app is synthesized', 'a value that is known only at deployment', remedy);
  }
  if (Array.isArray(value)) for (const each of value) refuseTokens(prop, each);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value)) refuseTokens(`${prop}.${name}`, each);
  }
}

function validateScalars(at: string, options: StreamerBundlingOptions): void {
  for (const key of ['minify', 'keepNames', 'sourceMap', 'sourcesContent', 'preCompilation', 'metafile'] as const) {
    validateBoolean(`${at}.${key}`, options[key]);
  }
  for (const key of ['banner', 'footer', 'target', 'tsconfig'] as const) validateText(`${at}.${key}`, options[key]);
  validateOneOf(`${at}.format`, options.format, OutputFormat, 'OutputFormat.ESM');
  validateOneOf(`${at}.charset`, options.charset, Charset, 'Charset.UTF8');
  validateOneOf(`${at}.logLevel`, options.logLevel, LogLevel, 'LogLevel.WARNING');
  validateOneOf(`${at}.sourceMapMode`, options.sourceMapMode, SourceMapMode, 'SourceMapMode.INLINE');
  if (options.sourceMap === false && options.sourceMapMode) {
    reject(`${at}.sourceMapMode`, 'be left out if `sourceMap` is false', options.sourceMapMode);
  }
  const { commandHooks } = options;
  if (commandHooks && typeof commandHooks.afterBundling !== 'function') {
    const must = 'be an object with `beforeBundling`, `beforeInstall` and `afterBundling`';
    reject(`${at}.commandHooks`, must, commandHooks, 'Each returns an array of commands');
  }
}

function validateStrings(prop: string, value: readonly string[] | undefined): void {
  if (value === undefined || value === null) return;
  const valid = Array.isArray(value) && Array.from(value).every((each) => typeof each === 'string' && each !== '');
  if (!valid) reject(prop, 'be an array of strings that are not empty', value);
}

function validateStringMap(prop: string, value: { readonly [name: string]: string } | undefined): void {
  if (value === undefined || value === null) return;
  validateObject(prop, value, 'be an object of strings by name');
  for (const [name, each] of Object.entries(value)) {
    if (typeof each !== 'string') reject(`${prop}.${name}`, 'be a string', each);
  }
}

function validateLoaders(prop: string, loaders: { readonly [extension: string]: string }): void {
  for (const [extension, name] of Object.entries(loaders)) {
    if (!extension.startsWith('.')) reject(prop, 'have file extensions that begin with a dot', extension);
    if (!LOADER_NAMES.includes(name)) reject(`${prop}.${extension}`, `be one of ${LOADER_NAMES.join(', ')}`, name);
  }
}

/** Merges the API's options with those of a handler. */
export function mergeBundling(
  api: StreamerBundlingOptions = {},
  own: StreamerBundlingOptions = {},
): StreamerBundlingOptions {
  const given = Object.fromEntries(
    Object.entries(own ?? {}).filter(([, value]) => value !== undefined && value !== null),
  );
  const merged: Record<string, unknown> = { ...api, ...given };
  for (const key of ARRAYS) {
    const all = [...(api?.[key] ?? []), ...(own?.[key] ?? [])];
    if (all.length > 0) merged[key] = [...new Set(all)];
  }
  for (const key of MAPS) {
    const all = { ...api?.[key], ...own?.[key] };
    if (Object.keys(all).length > 0) merged[key] = all;
  }
  return merged as StreamerBundlingOptions;
}

/** A sync handler in the router, with the bundling options that are set for this handler. */
interface SharedBundling {
  readonly action: string;
  readonly bundling?: StreamerBundlingOptions;
}

/**
 * Returns the options of the router's bundle: the API's options, merged with those of its sync handlers.
 *
 * @throws StreamerValidationError if a handler's option would also apply to other handlers
 */
export function routerBundling(
  api: StreamerBundlingOptions | undefined,
  handlers: readonly SharedBundling[],
): StreamerBundlingOptions {
  let merged = mergeBundling(api);
  for (const { action, bundling } of handlers) {
    refuseShared(`handlers.${action}.bundling`, merged, api ?? {}, bundling ?? {});
    merged = mergeBundling(merged, bundling);
  }
  return merged;
}

const REMEDY =
  "Sync handlers share the router's bundle: set `isolated: true` to give the handler a separate bundle, or set the option in the API's `bundling`";

function refuseShared(
  at: string,
  merged: StreamerBundlingOptions,
  api: StreamerBundlingOptions,
  own: StreamerBundlingOptions,
): void {
  for (const [key, value] of Object.entries(own) as [Key, unknown][]) {
    if (value === undefined || value === null || ADDITIVE.includes(key)) continue;
    if (!isDeepStrictEqual(value, api[key])) {
      reject(`${at}.${key}`, "equal that of the API's `bundling`", shown(value), REMEDY);
    }
  }
  for (const key of ['loader', 'define'] as const) {
    for (const [name, value] of Object.entries(own[key] ?? {})) {
      const other = merged[key]?.[name];
      if (other !== undefined && other !== value) {
        reject(`${at}.${key}.${name}`, `be '${other}', as for the other sync handlers`, value, REMEDY);
      }
    }
  }
}

const shown = (value: unknown): unknown => (typeof value === 'object' ? JSON.stringify(value) : value);
