import { join } from 'node:path';
import { compileFiles } from '../../support/compiler';

/** Jest does not check the types of tests. So the code that must compile, and the code that must not, is passed to the compiler here. */

const ROOT = join(__dirname, '../../..');
const PRELUDE = `
  import { defineHandler, HandlerError, type Handler } from 'cdk-streamer/handler';
  import * as v from 'valibot';
  import { z } from 'zod';
  import { type } from 'arktype';
  type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
  function same<A, B>(_: Equal<A, B>): void {}
  type Types<H> = H extends { readonly '~types'?: infer T } ? NonNullable<T> : never;
`;

const STATE = `${PRELUDE}
  const sliced = defineHandler({
    input: v.object({ rows: v.number() }),
    state: v.object({ page: v.number(), at: v.pipe(v.string(), v.transform((text) => new Date(text))) }),
    async run({ input, state, continue: next, request }) {
      same<typeof state, { page: number; at: Date } | undefined>(true);
      const page = (state?.page ?? 0) + request.slice;
      if (page < input.rows) return next({ page, at: 'now' }, { delay: 60 });
      // @ts-expect-error: the state has another type
      next({ page: '7', at: 'now' });
      // @ts-expect-error: the delay is in seconds
      next({ page: 7, at: 'now' }, { delay: '60 s' });
      return { pages: page };
    },
  });
  same<Types<typeof sliced>['result'], { pages: number }>(true);

  const free = defineHandler({
    run: ({ state, continue: next }) => (state === undefined ? next({ any: 1 }) : String(state)),
  });
  same<Types<typeof free>['result'], string>(true);
`;

const SCHEMAS = `${PRELUDE}
  const fromZod = defineHandler({
    input: z.object({ n: z.number().default(5), at: z.string().transform((text) => new Date(text)) }),
    async run({ input, progress, emit, signal, request, identity, log }) {
      same<typeof input, { n: number; at: Date }>(true);
      progress(50);
      progress(50, 'half', { rows: 1 });
      progress({ message: 'half' });
      await emit('anything', { any: 1 });
      if (signal.aborted) throw new HandlerError('STOPPED', 'Stopped.', { retryable: true });
      log.info('here', { attempt: request.attempt, user: identity.user });
      // @ts-expect-error: a percentage is a number
      progress('50');
      // @ts-expect-error: the input has no such field
      input.missing;
      // @ts-expect-error: what a request is may not be changed
      request.id = 'other';
      return { doubled: input.n * 2 };
    },
  });
  same<Types<typeof fromZod>['input'], { at: string; n?: number | undefined }>(true);
  same<Types<typeof fromZod>['result'], { doubled: number }>(true);

  const fromValibot = defineHandler({
    input: v.object({ n: v.optional(v.number(), 5) }),
    run: ({ input }) => { same<typeof input, { n: number }>(true); return [input.n]; },
  });
  same<Types<typeof fromValibot>['input'], { n?: number | undefined }>(true);
  same<Types<typeof fromValibot>['result'], number[]>(true);

  const fromArktype = defineHandler({
    input: type({ name: 'string' }),
    run: ({ input }) => { same<typeof input, { name: string }>(true); return input.name; },
  });
  same<Types<typeof fromArktype>['input'], { name: string }>(true);

  const free = defineHandler({ run: async ({ input }) => { same<typeof input, unknown>(true); return null; } });
  same<Types<typeof free>['input'], unknown>(true);
  same<Types<typeof free>['result'], null>(true);

  const typed = defineHandler<undefined, string, { row: { id: number }; end: undefined }>({
    async run({ emit }) {
      await emit('row', { id: 1 });
      await emit('end');
      // @ts-expect-error: no such event
      await emit('other');
      // @ts-expect-error: another shape
      await emit('row', { id: 'one' });
      return 'done';
    },
  });
  same<Types<typeof typed>['events'], { row: { id: number }; end: undefined }>(true);

  const withSnapshot = defineHandler<undefined, string, { row: { id: number }; $snapshot: { rows: number } }>({
    async run({ emit, snapshot }) {
      await emit('row', { id: 1 });
      await snapshot({ rows: 1 });
      // @ts-expect-error: another shape
      await snapshot({ rows: 'one' });
      // @ts-expect-error: a snapshot is not an event
      await emit('$snapshot', { rows: 1 });
      return 'done';
    },
  });
  same<Types<typeof withSnapshot>['events'], { row: { id: number }; $snapshot: { rows: number } }>(true);
  defineHandler({ run: ({ snapshot }) => snapshot(['any', { json: 1 }]) });

  // @ts-expect-error: the work is missing
  defineHandler({ input: z.string() });
  const any: Handler[] = [];
  void any;
`;

const WRONG = `${PRELUDE}
  defineHandler({ input: z.object({ n: z.number() }), run: ({ input }) => { same<typeof input, { n: string }>(true); } });
`;

const CODE = { 'state.ts': STATE, 'schemas.ts': SCHEMAS, 'wrong.ts': WRONG };
const errors = compileFiles(new Map(Object.entries(CODE)), {
  compilerOptions: {
    strict: true,
    skipLibCheck: true,
    target: 'es2022',
    lib: ['es2023'],
    module: 'preserve',
    moduleResolution: 'bundler',
    resolveJsonModule: true,
    types: [],
    paths: { 'cdk-streamer/handler': [join(ROOT, 'lambda-src/handler/index.ts')] },
  },
});

/** Returns the compiler's errors for one of the modules. */
const errorsIn = (module: keyof typeof CODE) =>
  errors.filter(({ file }) => file === module).map(({ message }) => message);

test('the state of a handler has the type of its schema, and a continuation is no result', () => {
  expect(errorsIn('state.ts')).toEqual([]);
});

test('a handler knows its input, its events and its result, from any schema; and nothing else compiles', () => {
  expect(errorsIn('schemas.ts')).toEqual([]);
});

test('the check itself works: a wrong expectation is an error', () => {
  expect(errorsIn('wrong.ts')).toHaveLength(1);
});

test('the modules of the handler have no errors', () => {
  expect(errors.filter(({ file }) => !(file in CODE))).toEqual([]);
});
