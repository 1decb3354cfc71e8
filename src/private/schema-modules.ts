import { createRequire } from 'node:module';
import * as path from 'node:path';
import * as vm from 'node:vm';
import type { Entry } from './entry';
import { refusal, StreamerValidationError } from './errors';
import type { NamedModule } from './handler-modules';

/** An entry that loads each schema module when it is asked to, so that one that throws can be told from the others. */
export function schemasEntry(schemas: readonly NamedModule[]): Entry {
  return (specifierOf) => {
    const loads = schemas.map(({ file }) => `() => require(${JSON.stringify(specifierOf(file))}),`);
    return ['module.exports = [', ...loads, '];', ''].join('\n');
  };
}

/**
 * Loads the schema modules as a function would at its start, and sees that each exports a Standard Schema.
 *
 * @param code the bundle of `schemasEntry(schemas)`
 */
export function checkSchemas(projectRoot: string, schemas: readonly NamedModule[], code: Uint8Array): void {
  const loads = evaluate(projectRoot, Buffer.from(code).toString());
  if (!loads) return;
  for (const [index, schema] of schemas.entries()) {
    const module = load(schema, loads[index]);
    if (![module.input, module.default].some(isStandardSchema)) throw notStandard(schema, module);
  }
}

type Load = () => Record<string, unknown>;

function evaluate(projectRoot: string, source: string): Load[] | undefined {
  const file = path.join(projectRoot, 'streamer-schemas.js');
  const module = { exports: [] as Load[] };
  compile(source, file)?.(module, module.exports, createRequire(file), file, projectRoot);
  return module.exports.length > 0 ? module.exports : undefined;
}

/** Nothing where a syntax is too young for this Node.js: esbuild has parsed it, for the Node.js of Lambda. */
function compile(source: string, filename: string) {
  try {
    return vm.compileFunction(source, ['module', 'exports', 'require', '__filename', '__dirname'], { filename });
  } catch {
    return undefined;
  }
}

function load(schema: NamedModule, loadModule: Load): Record<string, unknown> {
  try {
    const loaded = loadModule();
    // what a CommonJS module exports is its default export, as `import` sees it
    return loaded.__esModule ? loaded : { ...loaded, default: loaded };
  } catch (cause) {
    const text = refusal(schema.prop, 'name a module that can be loaded', schema.file, `It threw ${describe(cause)}`);
    throw new StreamerValidationError(text, { cause });
  }
}

function describe(thrown: unknown): string {
  const { name, message } = (thrown ?? {}) as Partial<Error>;
  return message === undefined ? String(thrown) : `${name}: ${message}`;
}

function notStandard({ prop, file }: NamedModule, module: Record<string, unknown>): StreamerValidationError {
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
