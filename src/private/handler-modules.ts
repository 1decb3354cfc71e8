import * as fs from 'node:fs';
import { refusal, reject, StreamerValidationError } from './errors';
import { exportsOf } from './esbuild-run';

/** A module of the user's and the property that names it. */
export interface NamedModule {
  readonly prop: string;
  readonly file: string;
}

/** A default export that can be seen to be no handler: a function, a class or a plain value. */
const NO_HANDLER =
  /^export default ((?:async\s+)?(?:function|class)\b|(?:async\s*)?(?:[\w$]+|\([^()]*\))\s*(?::[^=\n]+)?=>|["'`\d[]|(?:true|false|null|undefined)\b)/m;

/** A default export in either module system. Where the text has none, esbuild is asked. */
const MAY_EXPORT_DEFAULT =
  /\bexport\s+default\b|\bas\s+default\b|\bexport\s*(?:type\s*)?\{[^}]*\bdefault\b|\bmodule\s*\.\s*exports\b|\bexports\s*(?:\.\s*default\b|\[|,)/;

/** Refuses a module whose default export is plainly no handler, by its text: no handler is run at synthesis. */
export function refuseWhatIsNoHandler(projectRoot: string, { prop, file }: NamedModule): void {
  const source = fs.readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  // without a word of exports a module counts as CommonJS, whose default export is an empty object
  if (!/\bexports?\b/.test(source)) throw withoutDefault({ prop, file }, []);
  if (!MAY_EXPORT_DEFAULT.test(source)) refuseWithoutDefault(projectRoot, { prop, file });
  const [, found] = NO_HANDLER.exec(source) ?? [];
  if (found === undefined) return;
  reject(
    prop,
    'name a module whose default export is a handler',
    `${file} (export default ${found} …)`,
    "Wrap it: `export default defineHandler({ run: … })`, from 'cdk-streamer/handler'",
  );
}

/** Refuses a module without a default export, which a bundle's entry would notice only when it runs. */
export function refuseWithoutDefault(projectRoot: string, { prop, file }: NamedModule): void {
  const found = exportsOf(projectRoot, file);
  if (!found.includes('default')) throw withoutDefault({ prop, file }, found);
}

function withoutDefault({ prop, file }: NamedModule, found: readonly string[]): StreamerValidationError {
  const got = `${file} (exports: ${found.join(', ') || 'nothing'})`;
  return new StreamerValidationError(refusal(prop, 'name a module with a default export', got));
}
