import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { ROOT } from './pages';
import type { Snippet } from './snippets';

/**
 * Runs a snippet with its page's other files next to it, in their folder as working directory. First the module is loaded. Then each of its
 * exports is run: a stack or an app is synthesized, a class of stacks is instantiated and synthesized, the function `check` is called and
 * awaited (code in `<!-- ts:after … -->` can thus verify what the page promises), and tests that it declares are run.
 */
export async function run(page: string, snippets: readonly Snippet[], snippet: Snippet): Promise<void> {
  const temporary = mkdtempSync(join(ROOT, 'test/docs/.run-'));
  const folder = join(temporary, 'page');
  // `process.chdir` would be noticed by modules that the following suites use, too.
  const cwd = jest.spyOn(process, 'cwd').mockReturnValue(folder);
  try {
    for (const { file, text } of snippets) write(join(folder, file), text);
    write(join(folder, 'package.json'), '{}');
    const tests = collectTests();
    let exported: Record<string, unknown>;
    try {
      exported = require(join(folder, snippet.file));
    } finally {
      tests.restore();
    }
    for (const value of Object.values(exported)) synthesize(value);
    if (typeof exported.check === 'function') await exported.check();
    await tests.run();
  } catch (error) {
    throw new Error(`${page}:${snippet.line}: the snippet fails: ${(error as Error).message}`, { cause: error });
  } finally {
    cwd.mockRestore();
    rmSync(temporary, { recursive: true, force: true });
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function synthesize(value: unknown): void {
  if (App.isApp(value)) value.synth();
  else if (Stack.isStack(value)) (value.node.root as App).synth();
  else if (isStackClass(value)) {
    const app = new App();
    new value(app, 'Stack');
    app.synth();
  }
}

const isStackClass = (value: unknown): value is typeof Stack =>
  typeof value === 'function' && value.prototype instanceof Stack;

type Step = () => unknown;

/** Replaces `test`, `beforeAll` and the like, and collects the steps of a test file, because jest does not allow a test to declare tests. */
function collectTests() {
  const steps: Record<'beforeAll' | 'beforeEach' | 'test' | 'afterEach' | 'afterAll', Step[]> = {
    beforeAll: [],
    beforeEach: [],
    test: [],
    afterEach: [],
    afterAll: [],
  };
  const scope = globalThis as unknown as Record<string, unknown>;
  const replaced: Record<string, unknown> = {};
  const replace = (name: string, value: unknown) => {
    replaced[name] = scope[name];
    scope[name] = value;
  };
  for (const name of ['beforeAll', 'beforeEach', 'afterEach', 'afterAll'] as const) {
    replace(name, (step: Step) => steps[name].push(step));
  }
  for (const name of ['test', 'it']) replace(name, (_title: string, step: Step) => steps.test.push(step));
  replace('describe', (_title: string, body: Step) => body());
  const all = async (list: readonly Step[]) => {
    for (const step of list) await step();
  };
  return {
    restore: () => Object.assign(scope, replaced),
    run: async () => {
      try {
        await all(steps.beforeAll);
        for (const step of steps.test) await all([...steps.beforeEach, step, ...steps.afterEach]);
      } finally {
        await all(steps.afterAll);
      }
    },
  };
}
