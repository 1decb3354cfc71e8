import { cpSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { startReloading } from '../../../local/dev';
import { SourceMaps } from '../../../local/dev/source-maps';
import { Listener } from '../run/support';
import { buildOptions, bundleInto, Project } from './support';

let project: Project;
let listener: Listener;
/** Code that each function has received, in order. */
let replaced: { functionName: string; folder: string }[];
const closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  project = new Project();
  listener = new Listener();
  replaced = [];
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  project.remove();
});

/** Starts the reloader for functions. As in a run, each has one module of the project. */
async function start(modules: Record<string, string>, command?: string): Promise<void> {
  const functions = Object.entries(modules).map(([name, module]) => {
    const build = buildOptions(project.root, module);
    const codeDir = bundleInto(project.path('.assets', name), build);
    return { functionName: name, name, codeDir, metadata: () => ({ build, besides: [] }) };
  });
  const host = {
    // the previous code is still running
    environments: () =>
      replaced.slice(-2).map(({ functionName, folder }) => ({ functionName, codeDir: folder, pid: 1, busy: true })),
    replaceCode: (functionName: string, folder: string) => replaced.push({ functionName, folder }),
  };
  const reloading = startReloading({
    run: { functions, host } as never,
    maps: new SourceMaps(),
    command,
    cwd: project.root,
    folder: project.path('.code'),
    log: listener.log,
  });
  closers.push(() => reloading.close());
  await reloading.ready;
}

/** Returns the answer of a function's latest code. */
function answer(functionName: string): unknown {
  const folder = replaced.filter((entry) => entry.functionName === functionName).at(-1)?.folder ?? '';
  const module = { exports: {} as { handler: (event: unknown) => unknown } };
  new Function('module', 'exports', 'require', readFileSync(path.join(folder, 'index.js'), 'utf8'))(
    module,
    module.exports,
    require,
  );
  return module.exports.handler({});
}

/** Resolves with the n-th line that matches. */
async function line(pattern: RegExp, nth = 1): Promise<void> {
  await listener.line(pattern);
  while (listener.lines().filter((text) => pattern.test(text)).length < nth) await listener.nextEvent();
}

const returning = (text: string) => `export default { run: () => ${text} };\n`;

test('when a handler is saved, only the functions that contain it are bundled again', async () => {
  project.save('lib/shared.ts', 'export const shared = 1;\n');
  project.save('a.ts', `import { shared } from './lib/shared';\n${returning('["a", shared]')}`);
  project.save('b.ts', `import { shared } from './lib/shared';\n${returning('["b", shared]')}`);
  await start({ A: 'a.ts', B: 'b.ts' });
  expect(replaced).toEqual([]);

  project.save('a.ts', `import { shared } from './lib/shared';\n${returning('["changed", shared]')}`);
  await line(/^dev: A re-bundled in \d+ ms$/);
  expect(replaced.map(({ functionName }) => functionName)).toEqual(['A']);
  expect(answer('A')).toEqual(['changed', 1]);

  project.save('lib/shared.ts', 'export const shared = 2;\n');
  await line(/^dev: A re-bundled/, 2);
  await line(/^dev: B re-bundled/);
  expect([answer('A'), answer('B')]).toEqual([
    ['changed', 2],
    ['b', 2],
  ]);
});

test('each save of an editor that saves by renaming is noticed', async () => {
  project.save('a.ts', returning('0'));
  await start({ A: 'a.ts' });
  for (const n of [1, 2, 3]) {
    project.save('a.ts.tmp', returning(String(n)));
    renameSync(project.path('a.ts.tmp'), project.path('a.ts'));
    await line(/^dev: A re-bundled/, n);
    expect(answer('A')).toBe(n);
  }
});

test('the last one of several quick saves is run', async () => {
  project.save('a.ts', returning('0'));
  await start({ A: 'a.ts' });
  for (let n = 1; n <= 20; n++) project.save('a.ts', returning(String(n)));
  await line(/^dev: A re-bundled/);
  while (answer('A') !== 20) await listener.nextEvent();

  expect(replaced.length).toBeLessThan(5);
});

test('the same bytes replace nothing', async () => {
  project.save('a.ts', returning('0'));
  project.save('b.ts', returning('0'));
  await start({ A: 'a.ts', B: 'b.ts' });
  project.save('a.ts', `// a comment more\n${returning('0')}`);
  project.save('b.ts', returning('1'));
  await line(/^dev: B re-bundled/);

  expect(replaced.map(({ functionName }) => functionName)).toEqual(['B']);
});

test('an error is shown once with its position and code, the previous code still runs, and the correction is reported', async () => {
  project.save('a.ts', returning('0'));
  await start({ A: 'a.ts' });
  project.save('a.ts', 'export default { run: () => 1 +  };\n');
  await line(/^dev: A cannot be bundled and runs the previous code$/);
  const { below = [] } = listener.events.at(-1) ?? {};
  expect(below.join('\n')).toMatch(
    /ERROR] Unexpected "}"\n\s+a\.ts:1:33:\n.*1 +│ export default { run: \(\) => 1 \+ {2}};\n/,
  );

  project.save('a.ts', '// still\nexport default { run: () => 1 +  };\n');
  await line(/^dev: A cannot be bundled/, 2);
  project.save('a.ts', returning('2'));
  await line(/^dev: A can be bundled again, re-bundled in \d+ ms$/);
  expect(answer('A')).toBe(2);
  expect(replaced).toHaveLength(1);
});

test('a handler that is deleted is named, and not the generated entry that imports it', async () => {
  project.save('a.ts', returning('0'));
  await start({ A: 'a.ts' });
  rmSync(project.path('a.ts'));
  await line(/^dev: A cannot be bundled and runs the previous code$/);
  const below = listener.events.flatMap((event) => event.below ?? []).join('\n');
  expect(below).toContain('a.ts does not exist: it was moved or deleted');
  expect(below).not.toContain('entry.js');

  project.save('a.ts', returning('1'));
  await line(/^dev: A can be bundled again, re-bundled/);
  expect(answer('A')).toBe(1);
});

test('an import from a missing folder is found when the folder is created', async () => {
  project.save('a.ts', returning('0'));
  await start({ A: 'a.ts' });
  project.save('a.ts', `import { n } from './lib/deep/new';\n${returning('n')}`);
  await line(/^dev: A cannot be bundled/);
  mkdirSync(project.path('lib/deep'), { recursive: true });
  project.save('lib/deep/new.ts', 'export const n = 5;\n');
  await line(/^dev: A can be bundled again/);
  expect(answer('A')).toBe(5);

  project.save('lib/deep/new.ts', 'export const n = 6;\n');
  await line(/^dev: A re-bundled/);
  expect(answer('A')).toBe(6);
});

test('a folder that is removed and created again, as by a change of branches, is still watched', async () => {
  project.save('lib/n.ts', 'export const n = 1;\n');
  project.save('a.ts', `import { n } from './lib/n';\n${returning('n')}`);
  await start({ A: 'a.ts' });
  cpSync(project.path('lib'), project.path('.other'), { recursive: true });
  rmSync(project.path('lib'), { recursive: true });
  await line(/^dev: A cannot be bundled/);
  renameSync(project.path('.other'), project.path('lib'));
  await line(/^dev: A can be bundled again, its code did not change$/);

  project.save('lib/n.ts', 'export const n = 2;\n');
  await line(/^dev: A re-bundled/);
  expect(answer('A')).toBe(2);
});

test('a file that was saved between the synthesis and the start is bundled at the start', async () => {
  project.save('a.ts', returning('0'));
  const build = buildOptions(project.root, 'a.ts');
  const codeDir = bundleInto(project.path('.assets', 'A'), build);
  project.save('a.ts', returning('1'));
  const host = {
    environments: () => [],
    replaceCode: (functionName: string, folder: string) => replaced.push({ functionName, folder }),
  };
  const functions = [{ functionName: 'A', name: 'A', codeDir, metadata: () => ({ build, besides: [] }) }];
  const options = { maps: new SourceMaps(), cwd: project.root, folder: project.path('.code'), log: listener.log };
  const reloading = startReloading({ run: { functions, host } as never, ...options });
  closers.push(() => reloading.close());
  await reloading.ready;

  expect(answer('A')).toBe(1);
});

describe('infrastructure', () => {
  beforeEach(() => {
    project.save('a.ts', returning('0'));
    project.save('lib/stack.ts', 'export const name: string = "x";\n');
    project.save('app.ts', `import { name } from './lib/stack';\nconsole.log(name);\n`);
    project.save('page.ts', 'export {};\n');
  });

  test('a change of a file that the app imports is reported once, and that of any other file is not', async () => {
    await start({ A: 'a.ts' }, 'npx tsx app.ts');
    project.save('page.ts', 'export const x = 1;\n');
    project.save('a.ts', returning('1'));
    await line(/^dev: A re-bundled/);
    expect(listener.lines()).not.toContainEqual(expect.stringContaining('infrastructure'));

    project.save('lib/stack.ts', 'export const name: string = "y";\n');
    await line(/^dev: the infrastructure may have changed: lib\/stack\.ts was saved\. Restart dev/);
    project.save('cdk.json', '{}');
    project.save('a.ts', returning('2'));
    await line(/^dev: A re-bundled/, 2);
    expect(listener.lines().filter((text) => text.includes('infrastructure'))).toHaveLength(1);
  });

  test('cdk.json is a part of the infrastructure', async () => {
    await start({ A: 'a.ts' });
    project.save('cdk.json', '{}');
    await line(/infrastructure may have changed: cdk\.json was saved/);
  });

  test('the files next to the entry of an app in another language are watched', async () => {
    project.save('app.py', 'x = 1\n');
    await start({ A: 'a.ts' }, 'python3 app.py');
    project.save('other.py', 'x = 1\n');
    await line(/infrastructure may have changed: other\.py was saved/);
  });
});

test.each([
  [
    undefined,
    'the assembly does not specify how its handlers are bundled. Run dev without an assembly, or synthesize it with -c cdk-streamer:dev=true',
  ],
  ['npx tsx app.ts', 'the app does not specify how its handlers are bundled'],
])('an app without metadata, of which %s is known, is reported', async (command, why) => {
  const functions = [{ functionName: 'A', name: 'A', codeDir: '/', metadata: () => undefined }];
  const options = { maps: new SourceMaps(), cwd: project.root, folder: project.path('.code'), log: listener.log };
  const reloading = startReloading({ run: { functions, host: {} } as never, command, ...options });
  await reloading.close();

  expect(listener.lines()).toEqual([expect.stringContaining(`dev: saving a handler does not re-bundle it: ${why}`)]);
});

test('code that no environment uses any more is removed', async () => {
  project.save('a.ts', returning('0'));
  await start({ A: 'a.ts' });
  for (const n of [1, 2, 3]) {
    project.save('a.ts', returning(String(n)));
    await line(/^dev: A re-bundled/, n);
  }
  const [first, second, third] = replaced.map(({ folder }) => folder);

  expect(() => readFileSync(path.join(first ?? '', 'index.js'))).toThrow('ENOENT');
  for (const folder of [second, third]) expect(readFileSync(path.join(folder ?? '', 'index.js'))).toBeDefined();
});
