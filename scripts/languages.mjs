// Builds the package for Python, Java and Go, synthesizes examples/languages in each language, and compares the templates with those of TypeScript.
// If the tools of a language are not installed, the language is skipped with a message. Requires the output of `npx projen compile`.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const example = join(root, 'examples/languages');
/** Folder with a virtual environment and a Maven repository. It is kept between runs. */
const cache = join(root, 'node_modules/.cache/cdk-streamer/languages');
const out = mkdtempSync(join(tmpdir(), 'streamer-languages-'));
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function run(command, args, { cwd = example, env = {} } = {}) {
  const options = { cwd, env: { ...process.env, JSII_DEPRECATED: 'quiet', ...env }, stdio: 'pipe', encoding: 'utf8' };
  try {
    return execFileSync(command, args, options);
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout ?? ''}\n${error.stderr ?? error.message}`);
  }
}

function has(command, ...args) {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const python = join(cache, 'python/bin/python');
const maven = ['-q', '-B', `-Dmaven.repo.local=${join(cache, 'm2')}`, '-Dmaven.javadoc.skip', '-Dmaven.source.skip'];

/** Commands by language. They build the package and the example, and synthesize the example. */
const languages = {
  python: {
    available: () => has('python3', '-m', 'venv', '--help'),
    build() {
      run('python3', ['-m', 'venv', join(cache, 'python')]);
      const versions = ['aws-cdk-lib', 'constructs'].map((name) => `${name}==${devDependencies[name]}`);
      run(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...versions]);
      run(python, ['-m', 'pip', 'install', '-q', '--no-deps', '--force-reinstall', join(root, 'dist/python')]);
    },
    synthesize: (options) => run(python, ['python/app.py'], options),
  },
  java: {
    available: () => has('mvn', '--version'),
    build() {
      run('mvn', [...maven, '-f', join(root, 'dist/java/pom.xml'), 'install']);
      run('mvn', [...maven, '-f', 'java/pom.xml', `-DbuildDirectory=${join(cache, 'java')}`, 'compile']);
    },
    synthesize: (options) =>
      run('mvn', [...maven, '-f', 'java/pom.xml', `-DbuildDirectory=${join(cache, 'java')}`, 'exec:java'], options),
  },
  go: {
    available: () => has('go', 'version'),
    build: () => run('go', ['build', '-o', join(cache, 'go-example'), '.'], { cwd: join(example, 'go') }),
    synthesize: (options) => run(join(cache, 'go-example'), [], options),
  },
};

function synthesize(name, action, cwd = example) {
  const dir = join(out, name);
  action({ cwd, env: { CDK_OUTDIR: dir } });
  return {
    template: readFileSync(join(dir, 'Languages.template.json'), 'utf8'),
    assets: readdirSync(dir)
      .filter((file) => file.startsWith('asset.'))
      .sort()
      .join('\n'),
  };
}

/** Checks that a synthesis fails if esbuild is not installed, and that the message names the remedy. */
function checkWithoutEsbuild() {
  const bare = join(out, 'bare');
  mkdirSync(bare);
  for (const folder of ['handlers', 'python']) cpSync(join(example, folder), join(bare, folder), { recursive: true });
  try {
    synthesize('without-esbuild', languages.python.synthesize, bare);
  } catch (error) {
    if (/npm install --save-dev esbuild/.test(error.message)) return;
    throw error;
  }
  throw new Error('python without esbuild should have failed');
}

function compare(name, expected, actual) {
  for (const part of ['template', 'assets']) {
    if (actual[part] !== expected[part]) throw new Error(`${name}: its ${part} differs from TypeScript's, see ${out}`);
  }
}

function main() {
  if (!existsSync(join(root, '.jsii'))) throw new Error('run `npx projen compile` first');
  run('npx', ['jsii-pacmak', '--code-only', '--no-npmignore'], { cwd: root });
  mkdirSync(cache, { recursive: true });
  const expected = synthesize('typescript', (options) => run('npx', ['tsx', 'typescript/app.ts'], options));
  for (const [name, language] of Object.entries(languages)) {
    if (!language.available()) {
      if (process.env.STREAMER_REQUIRE_LANGUAGES) throw new Error(`${name}: its tools are missing`);
      console.log(`${name}: SKIPPED, its tools are missing`);
      continue;
    }
    const startedAt = Date.now();
    language.build();
    compare(name, expected, synthesize(name, language.synthesize));
    if (name === 'python') checkWithoutEsbuild();
    console.log(`${name}: template and assets equal TypeScript's (${Math.round((Date.now() - startedAt) / 1000)} s)`);
  }
}

try {
  main();
  rmSync(out, { recursive: true, force: true });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
