import type { JsonSchema, Schema } from './json-schema';
import { matches, matching } from './pattern';

/** Options for one of several examples of the same schema. */
export interface Variant {
  /** Whether the example includes optional properties. */
  readonly optional: boolean;
  /** Index of the alternative to use if a schema has several. */
  readonly branch: number;
}

/** Depth from which optional properties and items are omitted, because the schema may be recursive. */
const MAX_DEPTH = 5;
const MAX_CHARS = 10_000;

/**
 * Builds an example from a JSON Schema. The same schema always gives the same example. The example may be invalid,
 * because a JSON Schema does not contain a library's own checks.
 */
export function sample(root: JsonSchema, variant: Variant): unknown {
  return new Sampler(root, variant).valueOf(root, 0);
}

class Sampler {
  public constructor(
    private readonly root: JsonSchema,
    private readonly variant: Variant,
  ) {}

  public valueOf(given: Schema, depth: number): unknown {
    const schema = this.resolve(given, depth);
    const [fixed] = [schema.examples?.[0], schema.const, schema.default, this.oneOf(schema.enum)].filter(isSet);
    if (fixed !== undefined || depth > 2 * MAX_DEPTH) return fixed ?? null;
    const type = typeOf(schema);
    if (type === 'object') return this.object(schema, depth);
    if (type === 'array') return this.array(schema, depth);
    if (type === 'string') return stringOf(schema);
    if (type === 'number' || type === 'integer') return numberOf(schema, type === 'integer');
    return type === 'boolean' ? true : null;
  }

  /** Merges a schema with the definition that it refers to, and with one of its alternatives. */
  private resolve(given: Schema, depth: number): JsonSchema {
    if (typeof given === 'boolean' || depth > 3 * MAX_DEPTH) return {};
    const { $ref, allOf = [], anyOf, oneOf, ...own } = given;
    const chosen = this.oneOf((anyOf ?? oneOf)?.filter((each) => typeof each === 'boolean' || each.type !== 'null'));
    const parts = [
      ...($ref === undefined ? [] : [this.referred($ref)]),
      ...allOf,
      ...(chosen === undefined ? [] : [chosen]),
    ];
    return parts.map((part) => this.resolve(part, depth + 1)).reduce(merge, own);
  }

  private referred($ref: string): Schema {
    const names = $ref
      .split('/')
      .slice(1)
      .map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'));
    return (
      (names.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], this.root) as Schema) ??
      true
    );
  }

  private oneOf<T>(all: readonly T[] = []): T | undefined {
    return all[this.variant.branch % Math.max(1, all.length)];
  }

  private object(
    { properties = {}, required = [], additionalProperties, minProperties = 0 }: JsonSchema,
    depth: number,
  ): object {
    const withOptional = this.variant.optional && depth < MAX_DEPTH;
    const names = Object.keys(properties).filter((name) => withOptional || required.includes(name));
    const entries = names.map((name) => [name, this.valueOf(properties[name] ?? true, depth + 1)]);
    const isRecord = typeof additionalProperties === 'object' && Object.keys(properties).length === 0;
    const more = isRecord ? Math.max(minProperties, withOptional ? 1 : 0) : 0;
    const extra = Array.from({ length: Math.min(more, 20) }, (_, i) => [
      `key${i + 1}`,
      this.valueOf(additionalProperties ?? true, depth + 1),
    ]);
    return Object.fromEntries([...entries, ...extra]);
  }

  private array({ items, prefixItems, minItems = 0, maxItems = 20 }: JsonSchema, depth: number): unknown[] {
    const leading = prefixItems ?? (Array.isArray(items) ? (items as readonly Schema[]) : []);
    const rest = Array.isArray(items) ? true : ((items as Schema | undefined) ?? true);
    const wanted =
      leading.length === 0 && depth < MAX_DEPTH ? Math.max(1, minItems) : Math.max(leading.length, minItems);
    const length = Math.min(wanted, maxItems, 20);
    return Array.from({ length }, (_, i) => this.valueOf(leading[i] ?? rest, depth + 1));
  }
}

const isSet = (value: unknown): boolean => value !== undefined;

/** Merges two schemas. Their properties and required names are joined; for other members the second schema wins. */
function merge(one: JsonSchema, other: JsonSchema): JsonSchema {
  const required = [...(one.required ?? []), ...(other.required ?? [])];
  return { ...one, ...other, properties: { ...one.properties, ...other.properties }, required };
}

function typeOf({ type, properties, items, prefixItems }: JsonSchema): string | undefined {
  if (type !== undefined) return typeof type === 'string' ? type : (type.find((each) => each !== 'null') ?? 'null');
  if (items !== undefined || prefixItems) return 'array';
  return Object.keys(properties ?? {}).length > 0 ? 'object' : 'string';
}

/** Example strings by the format's name in JSON Schema. Some libraries use other names. */
export const FORMATS: Readonly<Record<string, string>> = {
  base64: 'ZXhhbXBsZQ==',
  cidrv4: '192.0.2.0/24',
  cuid2: 'tz4a98xxat96iws9zmbrgj3a',
  date: '2026-01-31',
  datetime: '2026-01-31T12:00:00Z',
  duration: 'PT1H',
  e164: '+15550100',
  email: 'ada@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  nanoid: 'V1StGXR8_Z5jdHi6B-myT',
  time: '12:00:00Z',
  timesecond: '12:00:00',
  ulid: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  uri: 'https://example.com/',
  uuid: '0190a5c4-5b3e-7c1a-9d2f-3b4c5d6e7f80',
};
const ALIASES: Readonly<Record<string, string>> = { url: 'uri', guid: 'uuid', timestamp: 'datetime', ip: 'ipv4' };

function formatted(format: string): string | undefined {
  const name = format.toLowerCase().replaceAll(/^iso_?|[-_]/g, '');
  return FORMATS[ALIASES[name] ?? name];
}

function stringOf({ format = '', pattern, minLength = 0, maxLength = MAX_CHARS }: JsonSchema): string {
  const known = formatted(format);
  const fits = known !== undefined && (pattern === undefined || matches(pattern, known));
  const text = (fits ? known : pattern && matching(pattern)) || 'example';
  const length = Math.min(Math.max(minLength, Math.min(text.length, maxLength)), MAX_CHARS);
  return text.repeat(Math.max(1, Math.ceil(length / Math.max(1, text.length)))).slice(0, length);
}

function numberOf(schema: JsonSchema, isInteger: boolean): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const step = multipleOf ?? (isInteger ? 1 : 0.5);
  const low = Math.max(minimum ?? Number.NEGATIVE_INFINITY, (exclusiveMinimum ?? Number.NEGATIVE_INFINITY) + step);
  const high = Math.min(maximum ?? Number.POSITIVE_INFINITY, (exclusiveMaximum ?? Number.POSITIVE_INFINITY) - step);
  const wanted = Math.min(Math.max(multipleOf ?? 1, low), high);
  const rounded = multipleOf === undefined && !isInteger ? wanted : Math.ceil(wanted / step) * step;
  return rounded <= high ? rounded : wanted;
}
