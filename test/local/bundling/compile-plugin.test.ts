import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { context } from 'esbuild';
import { compilePlugin } from '../../../local/bundling/compile-plugin';

const REPOSITORY = join(__dirname, '../../..');

describe('the compile plugin', () => {
  const folder = mkdtempSync(join(tmpdir(), 'streamer-compile-'));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };

  afterAll(() => rmSync(folder, { recursive: true }));

  test('the compile plugin compiles a module again that was saved between two builds', async () => {
    write('tsconfig.json', '{ "compilerOptions": { "target": "es2022" } }');
    write('a.ts', "import { b } from './b'; import { c } from 'pkg'; console.log(b satisfies string, c);");
    write('b.ts', "export const b = 'first';");
    write('node_modules/pkg/package.json', '{ "name": "pkg", "main": "index.ts" }');
    write('node_modules/pkg/index.ts', 'export const c = 3 as number;');
    const build = await context({
      entryPoints: [join(folder, 'a.ts')],
      bundle: true,
      write: false,
      plugins: [compilePlugin({ projectRoot: REPOSITORY })],
    });
    try {
      const text = async () => (await build.rebuild()).outputFiles[0].text;
      expect(await text()).toContain('first');
      write('b.ts', "export const b = 'second';");
      expect(await text()).toContain('second');
    } finally {
      await build.dispose();
    }
  });

  test('the compile plugin needs a tsconfig', async () => {
    const alone = mkdtempSync(join(tmpdir(), 'streamer-alone-'));
    writeFileSync(join(alone, 'a.ts'), 'export const a = 1;');
    const build = await context({
      entryPoints: [join(alone, 'a.ts')],
      bundle: true,
      write: false,
      logLevel: 'silent',
      plugins: [compilePlugin({ projectRoot: REPOSITORY })],
    });
    try {
      await expect(build.rebuild()).rejects.toThrow('`preCompilation` needs a tsconfig.json above');
    } finally {
      await build.dispose();
      rmSync(alone, { recursive: true });
    }
  });
});
