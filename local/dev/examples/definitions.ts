import type { JsonSchema } from './json-schema';

/** Definition of a schema or a check in zod 3, zod 4 and valibot. The names are those of the libraries. */
interface Definition {
  readonly [name: string]: unknown;
}

/** Depth from which a schema counts as recursive and accepts any value. */
const MAX_DEPTH = 8;

/**
 * Converts a schema of zod or valibot by its definition.
 *
 * @returns undefined for a schema of another library
 */
export function fromDefinition(schema: unknown, depth = 0): JsonSchema | undefined {
  const definition = definitionOf(schema);
  const kind = kindOf(definition);
  const convert = Object.hasOwn(CONVERSIONS, kind) ? CONVERSIONS[kind] : undefined;
  if (depth > MAX_DEPTH) return {};
  const nested = (inner: unknown) => fromDefinition(inner, depth + 1) ?? {};
  const inner = innerOf(definition, kind);
  const converted = convert?.(definition, nested) ?? (inner === undefined ? undefined : nested(inner));
  if (!converted) return undefined;
  const checked = { ...converted, ...defaultOf(definition) };
  for (const check of checksOf(definition)) Object.assign(checked, keywordsOf(check, checked.type));
  return checked;
}

function definitionOf(schema: unknown): Definition {
  const { _zod, _def } = (schema ?? {}) as { readonly _zod?: { readonly def: Definition }; readonly _def?: Definition };
  return _zod?.def ?? _def ?? ((schema ?? {}) as Definition);
}

/** Returns the kind of a schema. For example, `ZodObject` of zod 3 and `strict_object` of valibot are both `object`. */
function kindOf({ typeName, type }: Definition): string {
  return String(typeName ?? type)
    .replace(/^Zod|_/g, '')
    .toLowerCase();
}

type Convert = (definition: Definition, nested: (inner: unknown) => JsonSchema) => JsonSchema;

const objectOf: Convert = ({ shape, entries }, nested) => {
  const members = Object.entries((typeof shape === 'function' ? shape() : (shape ?? entries)) as Definition);
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(([name, member]) => [name, nested(member)])),
    required: members.filter(([, member]) => !isOptional(member)).map(([name]) => name),
  };
};

const arrayOf: Convert = ({ element, item, type }, nested) => ({
  type: 'array',
  items: nested(element ?? item ?? type),
});

const tupleOf: Convert = ({ items }, nested) => ({ type: 'array', prefixItems: (items as unknown[]).map(nested) });

const unionOf: Convert = ({ options }, nested) => ({
  anyOf: [...(options as Iterable<unknown>)].map((option) => nested(option)),
});

const enumOf: Convert = ({ entries, values, options, enum: named, literal, value }) => {
  const all = entries ?? values ?? named ?? options ?? [literal ?? value];
  return { enum: Array.isArray(all) ? all : valuesOf(all as Definition) };
};

const intersectionOf: Convert = ({ left, right, options = [left, right] }, nested) => ({
  allOf: (options as unknown[]).map(nested),
});

const CONVERSIONS: Readonly<Record<string, Convert>> = {
  any: () => ({}),
  unknown: () => ({}),
  string: () => ({ type: 'string' }),
  number: () => ({ type: 'number' }),
  bigint: () => ({ type: 'integer' }),
  boolean: () => ({ type: 'boolean' }),
  null: () => ({ type: 'null' }),
  date: () => ({ type: 'string', format: 'date-time' }),
  record: ({ valueType, value }, nested) => ({ type: 'object', additionalProperties: nested(valueType ?? value) }),
  ...Object.fromEntries(['object', 'strictobject', 'looseobject', 'objectwithrest'].map((kind) => [kind, objectOf])),
  ...Object.fromEntries(['tuple', 'stricttuple', 'loosetuple', 'tuplewithrest'].map((kind) => [kind, tupleOf])),
  ...Object.fromEntries(['union', 'discriminatedunion', 'variant'].map((kind) => [kind, unionOf])),
  ...Object.fromEntries(['enum', 'nativeenum', 'picklist', 'literal'].map((kind) => [kind, enumOf])),
  ...Object.fromEntries(['intersection', 'intersect'].map((kind) => [kind, intersectionOf])),
  array: arrayOf,
};

/** Returns the inner schema of an optional, nullable, lazy, branded or piped schema. */
function innerOf(definition: Definition, kind: string): unknown {
  const { innerType, wrapped, schema, in: piped, getter, type } = definition;
  if (typeof getter === 'function') return getter();
  return innerType ?? wrapped ?? schema ?? piped ?? (kind === 'branded' ? type : undefined);
}

/** Returns the default of an optional schema. In some libraries it is a function. */
function defaultOf({ default: value, defaultValue = value }: Definition): JsonSchema {
  return { default: typeof defaultValue === 'function' ? defaultValue() : defaultValue };
}

const OPTIONAL = /^(optional|nullish|undefinedable|exactoptional|default|prefault|catch)$/;

function isOptional(schema: unknown): boolean {
  const definition = definitionOf(schema);
  const kind = kindOf(definition);
  return (
    OPTIONAL.test(kind) || (/^(nullable|readonly|effects|branded)$/.test(kind) && isOptional(innerOf(definition, kind)))
  );
}

/**
 * Returns the values of an enumeration. An enumeration of numbers also has the reverse entries, from values to names,
 * which are left out.
 */
const valuesOf = (entries: Definition): unknown[] =>
  Object.entries(entries).flatMap(([name, value]) =>
    typeof entries[String(value)] === 'number' && /^\d+$/.test(name) ? [] : [value],
  );

function checksOf({ checks, pipe, format, pattern, minLength, maxLength, exactLength }: Definition): Definition[] {
  const sizes = { min_length: minLength, max_length: maxLength, length: exactLength };
  const ofArrays = Object.entries(sizes).flatMap(([type, size]) => (size ? [{ type, ...(size as object) }] : []));
  const all = [...((checks ?? []) as unknown[]), ...((pipe ?? []) as unknown[]).slice(1)].map(definitionOf);
  return [{ format, pattern }, ...all, ...ofArrays];
}

/** Returns the JSON Schema keywords of a check; empty for a check that JSON Schema does not have. */
function keywordsOf(check: Definition, type: JsonSchema['type']): JsonSchema {
  const { requirement, value, minimum, maximum, length, regex, pattern, inclusive, format } = check;
  // valibot's `kind` is the same for all checks, so it is the last choice
  const name = String(format ?? check.check ?? check.type ?? check.kind ?? '');
  const limit = requirement ?? value ?? minimum ?? maximum ?? length;
  const expression = [regex, pattern, requirement].find((candidate) => candidate instanceof RegExp) as
    | RegExp
    | undefined;
  if (typeof limit === 'number') return boundOf(name.replaceAll('_', ''), limit, type, inclusive !== false);
  if (/^(int|integer|safeint)$/.test(name)) return { type: 'integer' };
  return { ...(expression && { pattern: expression.source }), ...(name && { format: name }) };
}

function boundOf(name: string, limit: number, type: JsonSchema['type'], inclusive: boolean): JsonSchema {
  const [lower, upper] = BOUNDS[String(type)] ?? BOUNDS.number;
  const exclusive = !inclusive || /^(gt|lt)/.test(name);
  if (/^multipleof/.test(name)) return { multipleOf: limit };
  if (/^(min|gt|greater)/.test(name)) return { [exclusive ? 'exclusiveMinimum' : lower]: limit };
  if (/^(max|lt|less)/.test(name)) return { [exclusive ? 'exclusiveMaximum' : upper]: limit };
  return /^length|equals$/.test(name) ? { [lower]: limit, [upper]: limit } : {};
}

const BOUNDS: { readonly number: readonly [string, string]; readonly [type: string]: readonly [string, string] } = {
  string: ['minLength', 'maxLength'],
  array: ['minItems', 'maxItems'],
  number: ['minimum', 'maximum'],
};
