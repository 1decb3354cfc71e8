import { createRequire } from 'node:module';
import * as path from 'node:path';
import * as vm from 'node:vm';
import type { InputExample } from '../../run';
import { findInput } from './find-input';
import { isStandardSchema, type StandardSchema } from './json-schema';

/** A bundled module, as the child process receives it. */
export interface BundledModule {
  readonly code: string;
  /** Folder in which Node.js looks up packages that are not in the bundle. */
  readonly root: string;
}

type Exports = Readonly<Record<string, unknown>>;

/** Loads a bundled module and finds an input for its schema. It never rejects. */
export async function exampleOf(module: BundledModule): Promise<InputExample> {
  try {
    const schema = schemaOf(load(module));
    return schema ? await findInput(schema) : {};
  } catch (error) {
    return { reason: `the module with the schema threw ${error}` };
  }
}

function load({ code, root }: BundledModule): Exports {
  const file = path.join(root, 'streamer-input.js');
  const run = vm.compileFunction(code, ['module', 'exports', 'require', '__filename', '__dirname'], { filename: file });
  const module: { exports: Exports } = { exports: {} };
  run(module, module.exports, createRequire(file), file, root);
  return module.exports;
}

/**
 * Returns the schema that a schema module exports, or the `input` of a sync handler. The exports of a CommonJS module
 * count as its default export.
 */
function schemaOf(exports: Exports): StandardSchema | undefined {
  const handler = (exports.__esModule ? exports.default : exports) as Exports | undefined;
  return [exports.input, handler, handler?.input].find(isStandardSchema);
}
