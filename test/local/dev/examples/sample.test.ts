import type { JsonSchema } from '../../../../local/dev/examples/json-schema';
import { matching } from '../../../../local/dev/examples/pattern';
import { sample } from '../../../../local/dev/examples/sample';

const full = (schema: JsonSchema) => sample(schema, { optional: true, branch: 0 });

test.each([
  '^[A-Z]{3}-\\d{4}$',
  '^(?:foo|bar)+x?$',
  '^v(\\d+)\\.(\\d+)(?:-[\\w.]+)?$',
  '^[^a-z]{2,}$',
  '^\\p{Lu}?\\u0041\\x42$',
  '^.{8,10}$',
  'a|b',
])('a string for the pattern %s matches it', (pattern) => {
  expect(matching(pattern)).toMatch(new RegExp(pattern, 'u'));
});

test('a pattern that no simple string matches has no example', () => {
  expect(matching('^(?!a)a$')).toBeUndefined();
});

test.each<[JsonSchema, unknown]>([
  [{ type: 'integer', minimum: 2.5 }, 3],
  [{ type: 'number', exclusiveMinimum: 3, exclusiveMaximum: 4 }, 3.5],
  [{ type: 'number', multipleOf: 5, minimum: 8 }, 10],
  [{ type: ['null', 'string'], minLength: 9 }, 'exampleex'],
  [{ type: 'string', format: 'email', maxLength: 3 }, 'ada'],
  [{ type: 'string', examples: ['own'], default: 'other' }, 'own'],
  [{ anyOf: [{ type: 'null' }, { type: 'boolean' }] }, true],
  [{ type: 'array', prefixItems: [{ const: 1 }, {}] }, [1, 'example']],
  [{ type: 'array', items: { type: 'integer' }, minItems: 3 }, [1, 1, 1]],
  [{ type: 'object', additionalProperties: { const: 7 } }, { key1: 7 }],
  [{ allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] }, { a: 1, b: 2 }],
  [{ type: 'null' }, null],
])('%j has the example %j', (schema, expected) => {
  expect(full(schema)).toEqual(expected);
});

test('a variant leaves out optional properties, and takes another alternative', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { kind: { enum: ['a', 'b'] }, note: { type: 'string' } },
    required: ['kind'],
  };
  expect(sample(schema, { optional: false, branch: 1 })).toEqual({ kind: 'b' });
});

test('a schema that refers to itself has a finite example', () => {
  const schema = { properties: { name: { const: 'n' }, next: { $ref: '#' } }, required: ['name'] };
  expect(JSON.stringify(full(schema))).toMatch(/^\{"name":"n","next":\{"name":"n"/);
});
