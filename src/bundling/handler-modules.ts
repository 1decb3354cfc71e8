import * as fs from 'node:fs';
import { refusal, reject, StreamerValidationError } from '../validation/errors';
import { exportsOf } from './esbuild/run';

/** A module of the user's and the property that names it. */
export interface NamedModule {
  readonly prop: string;
  readonly file: string;
}

/** Matches an expression that is certainly not a handler: a function, a class or a plain value. */
const NO_HANDLER =
  '((?:async\\s+)?(?:function|class)\\b|(?:async\\s*)?(?:[\\w$]+|\\([^()]*\\))\\s*(?::[^=\\n]+)?=>|["\'`\\d[]|(?:true|false|null|undefined)\\b)';

/** Matches the start of a default export in either module system. */
const DEFAULT_EXPORT = /^(export default |(?:module\.)?exports(?:\.default)? = )/m.source;
const PLAINLY_NO_HANDLER = new RegExp(`${DEFAULT_EXPORT}${NO_HANDLER}`, 'm');
const EXPORTED_NAME = new RegExp(`${DEFAULT_EXPORT}([A-Za-z_$][\\w$]*)\\s*;?\\s*$`, 'm');
const RENAMED = /^export\s*\{[^}]*?([A-Za-z_$][\w$]*)\s+as\s+default\b/m;

/** Matches the source of a module that may have a default export, in either module system. Otherwise esbuild analyzes the module. */
const MAY_EXPORT_DEFAULT =
  /\bexport\s+default\b|\bas\s+default\b|\bexport\s*(?:type\s*)?\{[^}]*\bdefault\b|\bmodule\s*\.\s*exports\b|\bexports\s*(?:\.\s*default\b|\[|,)/;

/** Refuses a module whose default export is plainly no handler, by its text: no handler is run at synthesis. */
export function refuseWhatIsNoHandler(projectRoot: string, { prop, file }: NamedModule): void {
  const source = fs.readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  // without a word of exports a module counts as CommonJS, whose default export is an empty object
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

/** Matches an export of a CommonJS module by name, and the mark of a module that was compiled to CommonJS. */
const NAMED_EXPORT = /\b(?:module\s*\.\s*)?exports\s*\.\s*([A-Za-z_$][\w$]*)/g;
/** Matches `module.exports = { a, b }`. */
const SHORTHANDS = /^(?:exports\s*=\s*)?module\s*\.\s*exports\s*=\s*\{([\w$\s,]+)\}/gm;
const COMPILED_MARK = /Object\.defineProperty\(\s*exports\s*,\s*["']__esModule["']/g;

/** Refuses a CommonJS module with named exports only, such as `exports.handler`. With `exports.run` the exports themselves are a handler. */
function refuseNamedExports({ prop, file }: NamedModule, source: string): void {
  const listed = [...source.matchAll(SHORTHANDS)].flatMap(([, list]) => list.match(/[\w$]+/g) ?? []);
  const names = [...new Set([...[...source.matchAll(NAMED_EXPORT)].map(([, name]) => name), ...listed])];
  const rest = [NAMED_EXPORT, SHORTHANDS, COMPILED_MARK].reduce((text, each) => text.replace(each, ''), source);
  if (names.length === 0 || names.includes('default') || names.includes('run') || /\bexports?\b/.test(rest)) return;
  throw withoutDefault({ prop, file }, names);
}

/** The default export, if it is certainly not a handler; a name is resolved to its declaration. */
function seenDefault(source: string): string | undefined {
  const [, prefix, plain] = PLAINLY_NO_HANDLER.exec(source) ?? [];
  if (plain !== undefined) return `${prefix}${plain}`;
  const name = EXPORTED_NAME.exec(source)?.[2] ?? RENAMED.exec(source)?.[1];
  if (name === undefined) return undefined;
  const escaped = name.replaceAll('$', '\\$');
  // a function with a method `run` is a handler
  if (new RegExp(`\\b${escaped}\\.run\\s*=|Object\\.assign\\(\\s*${escaped}\\b`).test(source)) return undefined;
  const declaration = new RegExp(
    `^(?:export )?(?:const|let|var) ${escaped}(?:\\s*:[^\\n]*?)?\\s*=(?!>)\\s*${NO_HANDLER}`,
    'm',
  );
  const named = new RegExp(`^(?:export )?((?:async\\s+)?function\\*?|(?:abstract\\s+)?class)\\s+${escaped}\\b`, 'm');
  const [, found] = declaration.exec(source) ?? named.exec(source) ?? [];
  return found && `${name}: ${found}`;
}

/** Refuses a module without a default export, which a bundle's entry would detect only at run time. */
export function refuseWithoutDefault(projectRoot: string, { prop, file }: NamedModule): void {
  const found = exportsOf(projectRoot, file);
  if (!found.includes('default')) throw withoutDefault({ prop, file }, found);
}

function withoutDefault({ prop, file }: NamedModule, found: readonly string[]): StreamerValidationError {
  const got = `${file} (exports: ${found.join(', ') || 'nothing'})`;
  return new StreamerValidationError(refusal(prop, 'name a module with a default export', got));
}
