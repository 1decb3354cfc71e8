import { fromDefinition } from './definitions';
import type { JsonSchema, StandardSchema } from './json-schema';

const TARGET = 'draft-2020-12';

type Converting = StandardSchema & {
  readonly toJsonSchema?: (options: { readonly fallback: (context: { base: unknown }) => unknown }) => JsonSchema;
};

/**
 * Converts the input type of a schema to JSON Schema: by Standard JSON Schema, by a method of the library, or from the
 * definitions of zod and valibot. It skips conversions that fail. Libraries reject types that JSON Schema cannot
 * express, such as dates.
 *
 * @returns JSON Schemas, the most exact one first; empty for an unknown library
 */
export function convert(schema: StandardSchema): JsonSchema[] {
  const { '~standard': standard, toJsonSchema } = schema as Converting;
  const conversions = [
    () => standard.jsonSchema?.input?.({ target: TARGET }),
    // for arktype, leaves out the parts that JSON Schema cannot express
    () => toJsonSchema?.call(schema, { fallback: ({ base }) => base }),
    () => fromDefinition(schema),
  ];
  return conversions.flatMap((conversion) => attempt(conversion) ?? []);
}

function attempt(conversion: () => JsonSchema | undefined): JsonSchema | undefined {
  try {
    return conversion();
  } catch {
    return undefined;
  }
}
