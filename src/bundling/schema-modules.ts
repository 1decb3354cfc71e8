import { createRequire } from 'node:module';
import * as path from 'node:path';
import * as vm from 'node:vm';
import { refusal, StreamerValidationError } from '../validation/errors';
import type { Entry } from './entry';
import type { EsbuildMessage } from './esbuild/esbuild';
import { runtimeFile } from './esbuild/options';
import type { NamedModule } from './handler-modules';

/** A module that exports the schema of an action's input. */
export interface SchemaModule extends NamedModule {
  readonly action: string;
}

/** An entry that loads each schema module when it is asked to, so that one that throws can be told from the others. */
export function schemasEntry(schemas: readonly SchemaModule[]): Entry {
  return (specifierOf) => {
    const loads = schemas.map(({ file }) => `() => require(${JSON.stringify(specifierOf(file))}),`);
    return ['module.exports = [', ...loads, '];', ''].join('\n');
  };
}

/**
 * Loads the schema modules as a function would at its start, and sees that each exports a Standard Schema.
 *
 * @param submitter code of the submitter, which holds them: it tells whether all is well, and costs nothing
 * @param apart bundles `schemasEntry(schemas)`, which tells what is wrong with which
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

/** Refuses a schema module with a top-level await, which no output format allows: schemas are loaded with `require`. */
export function refuseAwaitInSchemas(projectRoot: string, schemas: readonly SchemaModule[], error: unknown): void {
  const { errors = [] } = ((error as Error).cause ?? error) as { readonly errors?: readonly EsbuildMessage[] };
  const located = errors.filter(({ text }) => /top-level await/i.test(text)).map(({ location }) => location?.file);
  const files = located.flatMap((file) => (file === undefined ? [] : path.resolve(projectRoot, file)));
  const found = schemas.find(({ file }) => files.includes(file));
  if (!found) return;
  const mend = 'A schema module cannot use top-level await in any `format`: export the schema without waiting';
  const text = refusal(found.prop, 'name a module without top-level await', found.file, mend);
  throw new StreamerValidationError(text, { cause: error });
}

type Module = Record<string, unknown>;
type Load = () => Module;
type Actions = Record<string, { readonly schema?: Load } | undefined>;

/** Runs the submitter's entry with a stand-in for its runtime, which keeps the schemas that it is given. */
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

/** What the bundle exports; nothing where it cannot be run here. */
function evaluate<T>(projectRoot: string, code: Uint8Array, standIns: Record<string, object>): T | undefined {
  const file = path.join(projectRoot, 'streamer-schemas.js');
  const run = compile(Buffer.from(code).toString(), file);
  if (!run) return undefined;
  const load = createRequire(file);
  const module: { exports: unknown } = { exports: {} };
  run(module, module.exports, (name: string) => standIns[name] ?? load(name), file, projectRoot);
  return module.exports as T;
}

/** Nothing where a syntax is too young for this Node.js: esbuild has parsed it, for the Node.js of Lambda. */
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

/** The default export of a CommonJS module, as `import` resolves it. */
const asImported = (module: Module): Module => (module.__esModule ? module : { ...module, default: module });

function describe(thrown: unknown): string {
  const { name, message } = (thrown ?? {}) as Partial<Error>;
  return message === undefined ? String(thrown) : `${name}: ${message}`;
}

function notStandard({ prop, file }: SchemaModule, module: Module): StreamerValidationError {
  const must = 'name a module that exports a schema as `input` or `default`';
  const names = Object.keys(module).join(', ') || 'nothing';
  const mend = 'A schema is what implements Standard Schema: zod from 3.24 on, valibot, arktype and others';
  return new StreamerValidationError(refusal(prop, must, `${file} (exports: ${names})`, mend));
}

/** By its form: a schema may be a function, and comes from another copy of its library than ours. */
function isStandardSchema(value: unknown): boolean {
  const standard = (value as { '~standard'?: { version?: unknown; validate?: unknown } } | null | undefined)?.[
    '~standard'
  ];
  return standard?.version === 1 && typeof standard.validate === 'function';
}
