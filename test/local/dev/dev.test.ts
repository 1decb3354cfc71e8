import { readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import type { DevOptions } from '../../../local/cli/dev-options';
import { Client } from '../run/support';
import { Dev } from './dev-process';
import { Project, synthesize } from './support';

let project: Project;
let running: Dev | undefined;
beforeEach(() => {
  project = new Project();
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  project.remove();
});

async function connect(dev: Dev): Promise<Client> {
  return Client.connect(await dev.address('WebSocket'));
}

function start(options: Partial<DevOptions>): Dev {
  running = new Dev(project, options);
  return running;
}

/** Creates a handler that answers with a string. If the message names a gate, it waits until that file exists. */
const handler = (text: string) => `import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
interface Event { readonly body?: string }
export default {
  async run({ body }: Event) {
    const { gate } = JSON.parse(body ?? '{}') as { gate?: string };
    if (gate) console.log('waits at the gate');
    while (gate && !existsSync(gate)) await setTimeout(10);
    return { statusCode: 200, body: JSON.stringify({ text: '${text}' }) };
  },
};
`;

test('after a save, the new code answers on the same connection, while a running message finishes with the old code', async () => {
  project.save('handler.ts', handler('old'));
  const dev = start({ assemblyDir: synthesize(project, 'handler.ts') });
  const client = await connect(dev);
  client.send({});
  expect(await client.next()).toEqual({ text: 'old' });
  client.send({ gate: project.path('gate') });
  await dev.line(/waits at the gate/);

  project.save('handler.ts', handler('new'));
  await dev.line(/dev +Answer re-bundled in \d+ ms/);
  client.send({});
  expect(await client.next()).toEqual({ text: 'new' });
  project.save('gate', '');
  expect(await client.next()).toEqual({ text: 'old' });

  await client.close();
  expect(dev.lines.filter((line) => line.includes('$connect'))).toHaveLength(1);
});

test('code that cannot be bundled changes nothing, and works once it is corrected', async () => {
  project.save('handler.ts', handler('one'));
  const dev = start({ assemblyDir: synthesize(project, 'handler.ts') });
  const client = await connect(dev);
  project.save('handler.ts', `${handler('two')}const broken = ;\n`);
  await dev.line(/handler\.ts:12:15:/);
  expect(dev.lines.join('\n')).toMatch(/\[ERROR\] Unexpected ";"\n +handler\.ts:12:15:\n +12 │ const broken = ;/);
  client.send({});
  expect(await client.next()).toEqual({ text: 'one' });

  project.save('handler.ts', handler('two'));
  await dev.line(/Answer can be bundled again, re-bundled/);
  client.send({});
  expect(await client.next()).toEqual({ text: 'two' });
  await client.close();
});

test('an error of a handler is shown with the line that threw it, before a save and after', async () => {
  const throwing = (above: string) => `${above}function check(): never {
  throw new RangeError('out of paper');
}
export default {
  async run() {
    return check();
  },
};
`;
  project.save('handler.ts', throwing(''));
  const dev = start({ assemblyDir: synthesize(project, 'handler.ts') });
  const client = await connect(dev);
  client.send({});
  await dev.line(/Answer +RangeError: out of paper/);
  await dev.line(/^ +at check \(handler\.ts:2:9\)$/);
  await dev.line(/^ +at run \(handler\.ts:6:12\)$/);

  project.save('handler.ts', throwing('// one line\n// another\n'));
  project.save('other.ts', '');
  project.save('handler.ts', throwing('// one line\nconsole.log("loaded");\n'));
  await dev.line(/Answer re-bundled/);
  client.send({});
  await dev.line(/^ +at check \(handler\.ts:4:9\)$/);
  expect(dev.lines.join('\n')).not.toContain('node:internal');
  await client.close();
});

test('an unhandled rejection is shown with its line, too', async () => {
  project.save(
    'handler.ts',
    `export default {\n  run() {\n    void Promise.reject(new TypeError('forgotten'));\n    return new Promise(() => setInterval(() => {}, 1000));\n  },\n};\n`,
  );
  const dev = start({ assemblyDir: synthesize(project, 'handler.ts') });
  const client = await connect(dev);
  client.send({});
  await dev.line(/\[cause\]: TypeError: forgotten/);
  await dev.line(/^ +at run \(handler\.ts:3:25\)$/);
  await client.close();
});

test('only the state of dev is left in the project when it ends', async () => {
  // without this folder, esbuild is found next to the package
  rmSync(project.path('node_modules'));
  project.save('handler.ts', handler('one'));
  const dev = start({ assemblyDir: synthesize(project, 'handler.ts') });
  await connect(dev).then((client) => client.close());
  project.save('handler.ts', handler('two'));
  await dev.line(/Answer re-bundled/);
  await dev.close();

  const files = readdirSync(project.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const own = files.map(({ name, parentPath }) => path.relative(project.root, path.join(parentPath, name)));
  expect(own.filter((file) => !/^(cdk\.out|\.test)\//.test(file))).toEqual([
    'handler.ts',
    path.join('.streamer', '.gitignore'),
    path.join('.streamer', 'state', 'journal.log'),
  ]);
});

test('--no-watch ignores saved files and reports nothing about them', async () => {
  project.save('handler.ts', handler('one'));
  const dev = start({ assemblyDir: synthesize(project, 'handler.ts'), watch: false });
  await dev.line(/^ready in/);

  expect(dev.lines.join('\n')).not.toMatch(/ dev /);
});

test('a stack trace names the line of the source also without watching', async () => {
  project.save(
    'handler.ts',
    "export default {\n  async run() {\n    throw new RangeError('out of paper');\n  },\n};\n",
  );
  const dev = start({ assemblyDir: synthesize(project, 'handler.ts'), watch: false });
  const client = await connect(dev);
  client.send({});
  await dev.line(/Answer +.*RangeError: out of paper/);
  expect(await dev.line(/^ +at .*handler\.ts:/)).toMatch(/handler\.ts:3:11/);
  await client.close();
});
