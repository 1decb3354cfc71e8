import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import * as vm from 'node:vm';
import { refusal, reject, StreamerValidationError } from '../validation/errors';
import type { Entry } from './entry';
import type { EsbuildMessage } from './esbuild/esbuild';
import { runtimeFile } from './esbuild/options';
import { exportsOf } from './esbuild/run';

/** A module of the user, and the property that names it. */
export interface NamedModule {
  readonly prop: string;
  readonly file: string;
}

/** Matches an expression that is certainly not a handler: a function, a class or a primitive value. */
const NO_HANDLER =
  '((?:async\\s+)?(?:function|class)\\b|(?:async\\s*)?(?:[\\w$]+|\\([^()]*\\))\\s*(?::[^=\\n]+)?=>|["\'`\\d[]|(?:true|false|null|undefined)\\b)';

/** Matches the start of a default export in either module system. */
const DEFAULT_EXPORT = /^(export default |(?:module\.)?exports(?:\.default)? = )/m.source;
const PLAINLY_NO_HANDLER = new RegExp(`${DEFAULT_EXPORT}${NO_HANDLER}`, 'm');
const EXPORTED_NAME = new RegExp(`${DEFAULT_EXPORT}([A-Za-z_$][\\w$]*)\\s*;?\\s*$`, 'm');
const RENAMED = /^export\s*\{[^}]*?([A-Za-z_$][\w$]*)\s+as\s+default\b/m;

/**
 * Matches the source of a module that may have a default export, in either module system. If the source does not match, esbuild analyzes the module.
 */
const MAY_EXPORT_DEFAULT =
  /\bexport\s+default\b|\bas\s+default\b|\bexport\s*(?:type\s*)?\{[^}]*\bdefault\b|\bmodule\s*\.\s*exports\b|\bexports\s*(?:\.\s*default\b|\[|,)/;

/** Refuses a module whose default export is evidently not a handler. The check reads the source only, because synthesis does not run handlers. */
export function refuseWhatIsNoHandler(projectRoot: string, { prop, file }: NamedModule): void {
  const source = fs.readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  // A module without the word `exports` counts as CommonJS. Its default export is an empty object.
  if (!/\bexports?\b/.test(source)) throw withoutDefault({ prop, file }, []);
  refuseNamedExports({ prop, file }, source);
  if (!MAY_EXPORT_DEFAULT.test(source)) refuseWithoutDefault(projectRoot, { prop, file });
  const found = seenDefault(source);
  if (found === undefined) return;
  reject(
    prop,
    'name a module whose default export is a handler',
    `${file} (${found} …)`,
    "Wrap it: `export default defineHandler({ run: … })`, from 'cdk-streamer/handler'",
  );
}

/** Matches a named export of a CommonJS module, and the mark `__esModule` of a module that was compiled to CommonJS. */
const NAMED_EXPORT = /\b(?:module\s*\.\s*)?exports\s*\.\s*([A-Za-z_$][\w$]*)/g;
/** Matches `module.exports = { a, b }`. */
const SHORTHANDS = /^(?:exports\s*=\s*)?module\s*\.\s*exports\s*=\s*\{([\w$\s,]+)\}/gm;
const COMPILED_MARK = /Object\.defineProperty\(\s*exports\s*,\s*["']__esModule["']/g;

/**
 * Refuses a CommonJS module that has named exports only, such as `exports.handler`. A module with `exports.run` is accepted: its exports object is a
 * handler.
 */
function refuseNamedExports({ prop, file }: NamedModule, source: string): void {
  const listed = [...source.matchAll(SHORTHANDS)].flatMap(([, list]) => list.match(/[\w$]+/g) ?? []);
  const names = [...new Set([...[...source.matchAll(NAMED_EXPORT)].map(([, name]) => name), ...listed])];
  const rest = [NAMED_EXPORT, SHORTHANDS, COMPILED_MARK].reduce((text, each) => text.replace(each, ''), source);
  if (names.length === 0 || names.includes('default') || names.includes('run') || /\bexports?\b/.test(rest)) return;
  throw withoutDefault({ prop, file }, names);
}

/**
 * Returns the source of the default export, if this export is certainly not a handler. If the default export is a name, its declaration is checked.
 */
function seenDefault(source: string): string | undefined {
  const [, prefix, plain] = PLAINLY_NO_HANDLER.exec(source) ?? [];
  if (plain !== undefined) return `${prefix}${plain}`;
  const name = EXPORTED_NAME.exec(source)?.[2] ?? RENAMED.exec(source)?.[1];
  if (name === undefined) return undefined;
  const escaped = name.replaceAll('$', '\\$');
  // a function is a handler if it has a method `run`
  if (new RegExp(`\\b${escaped}\\.run\\s*=|Object\\.assign\\(\\s*${escaped}\\b`).test(source)) return undefined;
  const declaration = new RegExp(
    `^(?:export )?(?:const|let|var) ${escaped}(?:\\s*:[^\\n]*?)?\\s*=(?!>)\\s*${NO_HANDLER}`,
    'm',
  );
  const named = new RegExp(`^(?:export )?((?:async\\s+)?function\\*?|(?:abstract\\s+)?class)\\s+${escaped}\\b`, 'm');
  const [, found] = declaration.exec(source) ?? named.exec(source) ?? [];
  return found && `${name}: ${found}`;
}

/** Refuses a module without a default export. Without this check, the error would appear only at run time. */
export function refuseWithoutDefault(projectRoot: string, { prop, file }: NamedModule): void {
  const found = exportsOf(projectRoot, file);
  if (!found.includes('default')) throw withoutDefault({ prop, file }, found);
}

function withoutDefault({ prop, file }: NamedModule, found: readonly string[]): StreamerValidationError {
  const got = `${file} (exports: ${found.join(', ') || 'nothing'})`;
  return new StreamerValidationError(refusal(prop, 'name a module with a default export', got));
}

/** A module that exports the schema of an action's input. */
export interface SchemaModule extends NamedModule {
  readonly action: string;
}

/** An entry that loads each schema module separately on request. The check can then identify a module that throws. */
export function schemasEntry(schemas: readonly SchemaModule[]): Entry {
  return (specifierOf) => {
    const loads = schemas.map(({ file }) => `() => require(${JSON.stringify(specifierOf(file))}),`);
    return ['module.exports = [', ...loads, '];', ''].join('\n');
  };
}

/**
 * Loads the schema modules as a function does at its start, and checks that each module exports a Standard Schema.
 *
 * @param submitter code of the submitter, which contains all schemas. If this code can be loaded, all schemas are valid, and `apart` is not called
 * @param apart bundles `schemasEntry(schemas)`, which identifies the invalid modules
 */
export function checkSchemas(
  projectRoot: string,
  schemas: readonly SchemaModule[],
  submitter: Uint8Array | undefined,
  apart: () => Uint8Array,
): void {
  if (schemas.length === 0 || (submitter && areAllIn(projectRoot, schemas, submitter))) return;
  const loads = evaluate<Load[]>(projectRoot, apart(), {});
  for (const [index, schema] of schemas.entries()) {
    const module = loads && load(schema, loads[index]);
    if (module && !hasSchema(module)) throw notStandard(schema, module);
  }
}

/** Refuses a schema module with a top-level await. Schemas are loaded with `require`, which does not support it in any output format. */
export function refuseAwaitInSchemas(projectRoot: string, schemas: readonly SchemaModule[], error: unknown): void {
  const { errors = [] } = ((error as Error).cause ?? error) as { readonly errors?: readonly EsbuildMessage[] };
  const located = errors.filter(({ text }) => /top-level await/i.test(text)).map(({ location }) => location?.file);
  const files = located.flatMap((file) => (file === undefined ? [] : path.resolve(projectRoot, file)));
  const found = schemas.find(({ file }) => files.includes(file));
  if (!found) return;
  const remedy = 'A schema module cannot use top-level await in any `format`: export the schema without waiting';
  const text = refusal(found.prop, 'name a module without top-level await', found.file, remedy);
  throw new StreamerValidationError(text, { cause: error });
}

type Module = Record<string, unknown>;
type Load = () => Module;
type Actions = Record<string, { readonly schema?: Load } | undefined>;

/** Whether the submitter's code contains all schemas. The code runs with a replacement for its runtime, which records the schemas. */
function areAllIn(projectRoot: string, schemas: readonly SchemaModule[], submitter: Uint8Array): boolean {
  let found: Actions = {};
  const createSubmitter = ({ actions }: { readonly actions: Actions }) => {
    found = actions;
  };
  try {
    evaluate(projectRoot, submitter, { [`./${runtimeFile('submitter')}`]: { createSubmitter } });
    return schemas.every(({ action }) => hasSchema(asImported(found[action]?.schema?.() ?? {})));
  } catch {
    return false;
  }
}

function hasSchema({ input, default: byDefault }: Module): boolean {
  return [input, byDefault].some(isStandardSchema);
}

/** Runs the bundle and returns its exports; undefined if the bundle cannot run here. */
function evaluate<T>(projectRoot: string, code: Uint8Array, standIns: Record<string, object>): T | undefined {
  const file = path.join(projectRoot, 'streamer-schemas.js');
  const run = compile(Buffer.from(code).toString(), file);
  if (!run) return undefined;
  const load = createRequire(file);
  const module: { exports: unknown } = { exports: {} };
  run(module, module.exports, (name: string) => standIns[name] ?? load(name), file, projectRoot);
  return module.exports as T;
}

/**
 * Compiles a CommonJS module.
 *
 * @returns undefined if this version of Node.js does not support syntax that Lambda's version supports
 */
function compile(source: string, filename: string) {
  try {
    return vm.compileFunction(source, ['module', 'exports', 'require', '__filename', '__dirname'], { filename });
  } catch {
    return undefined;
  }
}

function load(schema: SchemaModule, loadModule: Load): Module {
  try {
    return asImported(loadModule());
  } catch (cause) {
    const text = refusal(schema.prop, 'name a module that can be loaded', schema.file, `It threw ${describe(cause)}`);
    throw new StreamerValidationError(text, { cause });
  }
}

/** Returns a CommonJS module with the default export that `import` would give it. */
const asImported = (module: Module): Module => (module.__esModule ? module : { ...module, default: module });

function describe(thrown: unknown): string {
  const { name, message } = (thrown ?? {}) as Partial<Error>;
  return message === undefined ? String(thrown) : `${name}: ${message}`;
}

function notStandard({ prop, file }: SchemaModule, module: Module): StreamerValidationError {
  const must = 'name a module that exports a schema as `input` or `default`';
  const names = Object.keys(module).join(', ') || 'nothing';
  const remedy = 'A schema is an object that implements Standard Schema: zod from 3.24 on, valibot, arktype and others';
  return new StreamerValidationError(refusal(prop, must, `${file} (exports: ${names})`, remedy));
}

/** Recognizes a Standard Schema by its properties. The class is not compared, because the module loads its own copy of the library. A schema may also be a function. */
function isStandardSchema(value: unknown): boolean {
  const standard = (value as { '~standard'?: { version?: unknown; validate?: unknown } } | null | undefined)?.[
    '~standard'
  ];
  return standard?.version === 1 && typeof standard.validate === 'function';
}
