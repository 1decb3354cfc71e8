import type { SchemaIssue, StandardSchema } from '../handler/standard-schema';
import { CONSTANTS, type Json, StreamerError } from '../protocol';
import type { RunHandler } from './attempt';

/** A schema module, as a bundle imports it. */
export type Module = Record<string, unknown>;

/** The default export of a handler's module. */
export interface RunnableHandler {
  readonly input?: unknown;
  readonly run: RunHandler;
}

/** The schema of a handler's input: its own, else that of the module beside it. */
export function inputOf({ input }: RunnableHandler, module?: Module): StandardSchema | undefined {
  return isSchema(input) ? input : schemaOf(module);
}

/** The schema that a module exports as `input` or by default, if it exports one. */
export function schemaOf(module: Module | undefined): StandardSchema | undefined {
  return [module?.input, module?.default].find(isSchema);
}

export function isSchema(value: unknown): value is StandardSchema {
  return typeof (value as StandardSchema | undefined)?.['~standard']?.validate === 'function';
}

/** @throws StreamerError `INVALID_INPUT` with the first issues in its details */
export async function parseInput(schema: StandardSchema | undefined, input: unknown): Promise<unknown> {
  if (!schema) return input;
  const result = await schema['~standard'].validate(input);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.slice(0, CONSTANTS.limits.issues).map(wireIssue);
  throw new StreamerError('INVALID_INPUT', `The input is not valid: ${summary(issues)}`, { details: { issues } });
}

function wireIssue({ message, path }: SchemaIssue): { path: string; message: string } {
  // not `path.map`: arktype's paths are a class of their own, whose empty one would get an element
  const keys = Array.from(path ?? [], (part) => String(typeof part === 'object' ? part.key : part));
  return { path: keys.join('.'), message };
}

function summary(issues: { path: string; message: string }[]): Json & string {
  return issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
}
