import * as path from 'node:path';
import { InputExamples } from '../../../../local/dev/examples/input-examples';
import { exampleOf } from '../../../../local/dev/examples/load-schema';
import { buildOptions, Project } from '../support';

let project: Project;
const opened: InputExamples[] = [];

beforeEach(() => {
  project = new Project();
  project.save('package.json', '{}');
});

afterEach(async () => {
  for (const all of opened.splice(0)) await all.close();
  project.remove();
});

/** A function with the metadata of a router. Its actions have modules in the project. */
function router(modules: Readonly<Record<string, string>>, options: object = {}) {
  const metadata: Record<string, unknown> = {
    'cdk-streamer:bundle': { build: { ...buildOptions(project.root, 'unused'), ...options } },
    'cdk-streamer:inputs': Object.fromEntries(
      Object.entries(modules).map(([action, file]) => [action, project.path(file)]),
    ),
  };
  return { metadata: (key: string) => metadata[key] };
}

function examples(...functions: ReturnType<typeof router>[]): InputExamples {
  return withLimit(undefined, ...functions);
}

function withLimit(limitMs: number | undefined, ...functions: ReturnType<typeof router>[]): InputExamples {
  const all = new InputExamples(limitMs);
  opened.push(all);
  all.use(functions);
  return all;
}

const schema = (count: string) => `import * as v from 'valibot';
export const input = v.object({ name: v.string(), count: ${count} });
`;

test('an example fits the schema module, again after it is saved', async () => {
  project.save('report.schema.ts', schema('v.number()'));
  const all = examples(router({ report: 'report.schema.ts' }));
  expect(await all.of('report')).toEqual({ input: { name: 'example', count: 1 } });
  project.save('report.schema.ts', schema(`v.literal('many')`));
  expect(await all.of('report')).toEqual({ input: { name: 'example', count: 'many' } });
});

test('a sync handler specifies its schema as `input`, even if functions are ES modules', async () => {
  project.save(
    'greet.ts',
    `import { input } from './lib';\nexport default { input, dir: __dirname, run: () => VERSION };\n`,
  );
  project.save('lib.ts', `${schema('v.literal(VERSION)')}console.log(import.meta.url);\n`);
  const esm = { format: 'esm', banner: { js: "import 'node:fs';" }, define: { VERSION: '"v1"' } };
  expect(await examples(router({ greet: 'greet.ts' }, esm)).of('greet')).toEqual({
    input: { name: 'example', count: 'v1' },
  });
});

test('a schema of arktype, which is a function, has an example', async () => {
  const text = `type({ name: 'string > 3', 'count?': '1 < number.integer < 5', day: 'string.date.iso', lines: 'string[] >= 2' })`;
  project.save('ark.schema.ts', `import { type } from 'arktype';\nexport default ${text};\n`);
  const { input } = await examples(router({ ark: 'ark.schema.ts' })).of('ark');
  expect(input).toMatchObject({ name: 'example', count: 2, lines: ['example', 'example'] });
});

test('an action without a schema, and one that is unknown, have neither an example nor a reason', async () => {
  project.save('echo.ts', 'export default { run: (event) => event };\n');
  const all = examples(router({ echo: 'echo.ts' }));
  expect(await all.of('echo')).toEqual({});
  expect(await all.of('other')).toEqual({});
  expect(await examples({ metadata: () => undefined }).of('echo')).toEqual({});
});

test('actions of two APIs with the same name have no example, because their schemas may differ', async () => {
  project.save('report.schema.ts', schema('v.number()'));
  const one = router({ report: 'report.schema.ts' });
  expect(await examples(one, one).of('report')).toEqual({});
});

test.each([
  ['throws', `throw new Error('no table');`, 'the module with the schema threw Error: no table'],
  ['exits', 'process.exit(3);', 'the module with the schema ended its process with exit code 3'],
  ['waits for ever', 'for (;;);', 'finding an example took longer than 2 s'],
  [
    'cannot be bundled',
    `import './missing';`,
    'the module with the schema cannot be bundled: Could not resolve "./missing"',
  ],
])('a module that %s has a reason instead of an example', async (_what, text, reason) => {
  project.save('bad.ts', text);
  expect(await withLimit(2000, router({ bad: 'bad.ts' })).of('bad')).toEqual({ reason });
});

test('the module is loaded without credentials of AWS', async () => {
  const names = ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_ENDPOINT_URL'];
  project.save('env.ts', `throw new Error(JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name])));`);
  process.env.AWS_PROFILE = 'mine';
  try {
    const { reason } = await examples(router({ env: 'env.ts' })).of('env');
    expect(reason).toContain('[null,"none","http://127.0.0.1:9"]');
  } finally {
    delete process.env.AWS_PROFILE;
  }
});

test('packages that are not in the bundle are those of the project', async () => {
  const code = `const v = require('valibot'); module.exports = v.object({ file: v.literal(require('node:path').basename(__dirname)) });`;
  expect(await exampleOf({ code, root: project.root })).toEqual({ input: { file: path.basename(project.root) } });
});
