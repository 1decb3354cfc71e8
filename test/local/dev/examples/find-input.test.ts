import * as v from 'valibot';
import * as z from 'zod';
import * as z3 from 'zod/v3';
import { convert } from '../../../../local/dev/examples/convert';
import { fromDefinition } from '../../../../local/dev/examples/definitions';
import { findInput } from '../../../../local/dev/examples/find-input';
import type { Issue, StandardSchema } from '../../../../local/dev/examples/json-schema';

interface Node {
  readonly name: string;
  readonly children: Node[];
}
const zodNode: z.ZodType<Node> = z.lazy(() => z.object({ name: z.string(), children: z.array(zodNode) }));
const valibotNode: v.GenericSchema<Node> = v.object({ name: v.string(), children: v.array(v.lazy(() => valibotNode)) });

const SCHEMAS: Readonly<Record<string, StandardSchema>> = {
  'zod 4': z.object({
    name: z.string().min(3).max(5),
    email: z.email(),
    count: z.number().int().positive().optional(),
    kind: z.enum(['a', 'b']),
    at: z.iso.datetime(),
    limits: z.record(z.string(), z.number().gt(5)),
    code: z.string().regex(/^[A-Z]{3}-\d{4}$/),
    either: z.union([z.null(), z.number()]),
    pair: z.tuple([z.string(), z.number()]),
    id: z.uuid(),
  }),
  'zod 4 with a date, which has no JSON Schema': z.object({
    at: z.coerce.date(),
    size: z.number().gte(8).multipleOf(5),
  }),
  'zod 4 with conditions between fields': z
    .object({ from: z.number(), to: z.number() })
    .refine(({ from, to }) => to > from, { path: ['to'], message: 'must be after from' }),
  'zod 4 with alternatives': z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('box'), size: z.number().multipleOf(7).min(20) }),
    z.object({ kind: z.literal('none') }),
  ]),
  'zod 4 with a transformation': z.object({ count: z.string().transform(Number).pipe(z.number().min(3)) }),
  'zod 4, recursive': zodNode,
  'zod 3': z3.object({
    name: z3.string().min(12),
    count: z3.number().int().gt(3).optional(),
    kind: z3.nativeEnum({ A: 1, B: 2, 1: 'A', 2: 'B' } as const),
    at: z3.coerce.date(),
    lines: z3.array(z3.string()).min(2),
    version: z3.string().regex(/^v\d+\.\d+$/),
    id: z3.string().uuid().nullable(),
    size: z3.number().lt(1).default(0.5),
    both: z3.intersection(z3.object({ a: z3.string() }), z3.object({ b: z3.boolean() })),
    tag: z3.string().brand('tag'),
  }),
  valibot: v.object({
    name: v.pipe(v.string(), v.minLength(3), v.maxLength(4)),
    kind: v.picklist(['a', 'b']),
    count: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(5)),
    above: v.optional(v.pipe(v.number(), v.gtValue(7)), 8),
    email: v.pipe(v.string(), v.email()),
    at: v.pipe(v.string(), v.isoTimestamp()),
    minute: v.pipe(v.string(), v.isoDateTime()),
    colour: v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/i)),
    shape: v.variant('type', [v.object({ type: v.literal('point'), x: v.number() })]),
    rows: v.pipe(v.array(v.object({ open: v.nullable(v.boolean()) })), v.minLength(2)),
    url: v.pipe(v.string(), v.url()),
    four: v.pipe(v.string(), v.length(4)),
    pair: v.tuple([v.string(), v.number()]),
    more: v.record(v.string(), v.number()),
  }),
  'valibot with conditions between fields': v.pipe(
    v.object({ first: v.string(), second: v.string() }),
    v.forward(
      v.check(({ first, second }) => first !== second, 'must differ'),
      ['second'],
    ),
  ),
  'valibot, recursive': valibotNode,
};

test.each(
  Object.entries(SCHEMAS),
)('an example for %s is accepted, and is the same each time', async (_name, schema) => {
  const { input } = await findInput(schema);
  expect(await schema['~standard'].validate(structuredClone(input))).not.toHaveProperty('issues', expect.anything());
  expect(await findInput(schema)).toEqual({ input });
});

test('an example has the optional properties, and values that fit their formats', async () => {
  expect(await findInput(v.object({ at: v.optional(v.pipe(v.string(), v.isoDate())), name: v.string() }))).toEqual({
    input: { at: '2026-01-31', name: 'example' },
  });
});

test.each<[string, StandardSchema]>([
  ['zod 3', z3.object({ size: z3.number().default(7), at: z3.coerce.date().optional() })],
  ['zod 4', z.object({ size: z.number().default(7), at: z.coerce.date().optional() })],
  ['valibot', v.object({ size: v.optional(v.number(), 7), at: v.optional(v.pipe(v.string(), v.isoTimestamp())) })],
])('an example for %s has the defaults of the schema', async (_name, schema) => {
  expect(await findInput(schema)).toEqual({ input: { size: 7, at: '2026-01-31T12:00:00Z' } });
});

test('Standard JSON Schema comes first, and definitions where it rejects the schema', () => {
  expect(convert(z.object({ name: z.string() }))[0]).toHaveProperty('$schema');
  expect(convert(z.object({ at: z.date() }))).toEqual([fromDefinition(z.object({ at: z.date() }))]);
});

test('the definitions of zod 3, zod 4 and valibot have the same JSON Schema', () => {
  const expected = {
    type: 'object',
    properties: { name: { type: 'string', minLength: 2 }, count: { type: 'number', exclusiveMinimum: 3, maximum: 9 } },
    required: ['name'],
  };
  const count3 = z3.number().gt(3).max(9).optional();
  expect(fromDefinition(z3.object({ name: z3.string().min(2), count: count3 }))).toEqual(expected);
  const count4 = z.number().gt(3).max(9).optional();
  expect(fromDefinition(z.object({ name: z.string().min(2), count: count4 }))).toEqual(expected);
  const count = v.optional(v.pipe(v.number(), v.gtValue(3), v.maxValue(9)));
  expect(fromDefinition(v.object({ name: v.pipe(v.string(), v.minLength(2)), count }))).toEqual(expected);
});

/** A schema of a library that is not supported. */
function unknownSchema(validate: (value: { city?: unknown; size?: unknown }) => Issue | undefined) {
  let validations = 0;
  const schema: StandardSchema = {
    '~standard': {
      validate: (value) => {
        validations += 1;
        const issue = validate(value as object);
        return issue ? { issues: [issue] } : {};
      },
    },
  };
  return { schema, validations: () => validations };
}

test('the issues of a schema that cannot be converted lead to an input, including the values that they name', async () => {
  const { schema } = unknownSchema(({ city, size }) => {
    if (typeof city !== 'string') return { message: 'must be a city', path: ['city'] };
    return size === 'large' ? undefined : { message: `must be "small" or "large"`, path: [{ key: 'size' }] };
  });
  expect(await findInput(schema)).toEqual({ input: { city: 'example', size: 'large' } });
});

test('a schema that accepts nothing has a reason instead of an example, after a bounded number of validations', async () => {
  let count = 0;
  const { schema, validations } = unknownSchema(() => ({ message: 'no', path: [`key${count++ % 2}`] }));
  expect(await findInput(schema)).toEqual({
    reason: expect.stringMatching(/^none was found that the schema accepts. Its issue at key[01]: no$/),
  });
  expect(validations()).toBe(500);
});
