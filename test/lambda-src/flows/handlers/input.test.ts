import type * as arktype from 'arktype';
import { buildSync } from 'esbuild';
import * as v from 'valibot';
import { z } from 'zod';
import { handlerOf, parseInput, schemaOf } from '../../../../lambda-src/flows/handlers/input';
import { HandlerError, type StandardSchema } from '../../../../lambda-src/handler';

/** Loads arktype, which is only an ES module. jest cannot load it, so it is bundled first, as in a function. */
function loadArktype(): typeof arktype {
  const options = { bundle: true, write: false, format: 'cjs', platform: 'node' } as const;
  const { outputFiles } = buildSync({ entryPoints: [require.resolve('arktype')], ...options });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0].text)(module, module.exports, require);
  return module.exports as typeof arktype;
}

const { type } = loadArktype();
const schemas: [string, StandardSchema][] = [
  ['zod', z.object({ rows: z.array(z.object({ n: z.number().default(7) })) })],
  ['valibot', v.object({ rows: v.array(v.object({ n: v.optional(v.number(), 7) })) })],
  ['arktype', type({ rows: type({ n: 'number = 7' }).array() })],
];

describe.each(schemas)('a schema of %s', (_, schema) => {
  test('a schema returns the transformed input', async () => {
    expect(await parseInput(schema, { rows: [{ n: 1 }, {}] })).toEqual({ rows: [{ n: 1 }, { n: 7 }] });
  });

  test('the error names the path of the mistake in the input', async () => {
    await expect(parseInput(schema, { rows: [{ n: 1 }, { n: 'x' }] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      retryable: false,
      message: expect.stringContaining('rows.1.n: '),
      details: { issues: [{ path: 'rows.1.n', message: expect.any(String) }] },
    });
  });

  test('the error states that there is no input', async () => {
    await expect(parseInput(schema, undefined)).rejects.toMatchObject({ details: { issues: [{ path: '' }] } });
  });
});

test('the error names at most five issues', async () => {
  const schema = z.array(z.number());

  await expect(parseInput(schema, Array(9).fill('x'))).rejects.toMatchObject({
    details: { issues: Array.from({ length: 5 }, (_, i) => ({ path: String(i) })) },
  });
});

test('a schema may be asynchronous', async () => {
  const schema = z.string().transform(async (text) => text.length);

  expect(await parseInput(schema, 'four')).toBe(4);
});

test('without a schema, the input is passed on unchanged', async () => {
  expect(await parseInput(undefined, { any: 1 })).toEqual({ any: 1 });
});

test('a module exports its schema as `input` or by default', () => {
  const schema = z.string();

  expect(schemaOf({ input: schema })).toBe(schema);
  expect(schemaOf({ default: schema })).toBe(schema);
  expect(schemaOf({ input: schema, default: z.number() })).toBe(schema);
  expect(schemaOf({ input: { not: 'a schema' }, default: () => 1 })).toBeUndefined();
  expect(schemaOf(undefined)).toBeUndefined();
});

test("arktype's schemas, which are functions, are found", () => {
  const schema = type('string');

  expect(schemaOf({ input: schema })).toBe(schema);
});

describe('a schema that throws', () => {
  const throwing = (thrown: unknown) => ({
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: () => {
        throw thrown;
      },
    },
  });

  test('a schema that throws causes HANDLER_ERROR, which is not retryable', async () => {
    const cause = new Error('not a date');

    await expect(parseInput(throwing(cause), {})).rejects.toMatchObject({
      code: 'HANDLER_ERROR',
      retryable: false,
      cause,
    });
  });

  test('an error of a schema that is intended for the client is shown', async () => {
    await expect(parseInput(throwing(new HandlerError('TOO_OLD', 'Too old.')), {})).rejects.toMatchObject({
      code: 'TOO_OLD',
      message: 'Too old.',
    });
  });
});

test('a schema may be loaded together with its module', async () => {
  await expect(parseInput(async () => undefined, 7)).resolves.toBe(7);
  await expect(parseInput(() => Promise.reject(new Error('x')), 7)).rejects.toThrow('x');
});

describe('the handler of a module', () => {
  const handler = { run: () => 1 };

  test.each([
    ['its default export', { default: handler }],
    ['`exports.default` of a CommonJS module', { default: { default: handler } }],
  ])('the handler of a module is %s', (_, module) => {
    expect(handlerOf(module)).toBe(handler);
  });

  test.each([
    {},
    { default: undefined },
    { default: null },
    { default: () => 1 },
    { run: () => 1 },
  ])('a module that exports %p has no handler', (module) => {
    expect(() => handlerOf(module)).toThrow("the module's default export must be a handler");
    expect(() => handlerOf(module)).toThrow(expect.objectContaining({ stack: expect.not.stringContaining('\n') }));
  });
});
