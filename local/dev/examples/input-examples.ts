import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import * as path from 'node:path';
import { METADATA } from '../../../src/contract';
import { systemClock } from '../../emulator/types';
import type { InputExample, LocalRun } from '../../run';
import { Bundle } from '../bundle';
import { type BundleSpec, findBundleSpec } from '../bundle-spec';
import { type Esbuild, findEsbuild } from '../esbuild';
import type { BundledModule } from './load-schema';

/** Maximum time in milliseconds for one example. It includes the time to load the module. */
const LIMIT_MS = 5000;
const MAX_OLD_SPACE_MB = 512;
/** Paths of the child process's script: next to this bundle, or in the built package if tests run directly from the TypeScript sources. */
const SCRIPT = ['input-example.js', '../../../lib/local/input-example.js'] as const;

/** Name of the bundle's file. */
const OUTPUT = 'input.js';

interface KnownModule {
  readonly spec: BundleSpec;
  bundle?: Bundle;
  /** Latest code and its example. */
  code?: string;
  example?: Promise<InputExample>;
}

/**
 * Creates examples of inputs that the schemas of a run's actions accept. It bundles the module with the schema again at
 * each call, so that an example fits the saved sources. It keeps an example until the code changes.
 */
export class InputExamples {
  private readonly modules = new Map<string, KnownModule>();
  private esbuild: Esbuild | undefined;

  /** @param limitMs maximum time for one example */
  public constructor(private readonly limitMs = LIMIT_MS) {}

  /**
   * Sets the actions for which there are examples: the actions of a run. If two APIs have an action with the same name,
   * that action has no example.
   */
  public use(functions: readonly Pick<LocalRun['functions'][number], 'metadata'>[]): void {
    this.modules.clear();
    const specs = functions.flatMap(({ metadata }) => specsOf(metadata));
    const actions = specs.map(([action]) => action);
    for (const [action, spec] of specs) {
      if (actions.indexOf(action) === actions.lastIndexOf(action)) this.modules.set(action, { spec });
    }
  }

  /**
   * Returns an example of an action's input, or the reason why there is no example. For an action without a schema, the
   * result is empty. It never rejects.
   */
  public async of(action: string): Promise<InputExample> {
    const known = this.modules.get(action);
    return known ? this.latest(known).catch(({ message }) => ({ reason: message })) : {};
  }

  public async close(): Promise<void> {
    this.modules.clear();
    await this.esbuild?.stop();
  }

  private async latest(known: KnownModule): Promise<InputExample> {
    const root = String(known.spec.build.absWorkingDir);
    this.esbuild ??= findEsbuild([root, __dirname]);
    if (!this.esbuild) return { reason: 'esbuild was not found. Install it: npm install --save-dev esbuild' };
    known.bundle ??= new Bundle(this.esbuild, known.spec);
    const result = await known.bundle.build();
    if (!result.ok) return { reason: `the module with the schema cannot be bundled: ${result.errors[0]?.text}` };
    const code = Buffer.from(result.built.files.get(OUTPUT) ?? '').toString();
    if (known.code !== code) {
      known.code = code;
      known.example = findInChild({ code, root }, this.limitMs);
    }
    return known.example ?? {};
  }
}

/**
 * Returns the specifications of bundles for the modules with schemas. The bundles have the options of the router's
 * bundle, but the format CommonJS, because this Node.js process loads them.
 */
function specsOf(metadata: (key: string) => unknown): [string, BundleSpec][] {
  const modules = Object.entries((metadata(METADATA.inputs) ?? {}) as Record<string, string>);
  const spec = findBundleSpec(metadata(METADATA.bundle));
  if (!spec) return [];
  const { stdin, ...options } = spec.build;
  // the banner is for ES modules and is not valid in CommonJS
  const build = {
    ...options,
    ...(options.format === 'esm' && { banner: {} }),
    ...{ format: 'cjs', target: `node${process.versions.node}`, minify: false },
    outfile: path.join(path.dirname(String(options.outfile)), OUTPUT),
  };
  return modules.map(([action, file]) => [action, { ...spec, assets: [], build: { ...build, entryPoints: [file] } }]);
}

/** Runs a module of the user in a separate process. The process is ended if it takes too long. */
function findInChild(module: BundledModule, limitMs: number): Promise<InputExample> {
  const child = fork(scriptFile(), [], {
    cwd: module.root,
    env: variables(),
    execArgv: [`--max-old-space-size=${MAX_OLD_SPACE_MB}`],
    stdio: 'ignore',
  });
  const end = () => child.kill('SIGKILL');
  const timer = systemClock.setTimeout(end, limitMs);
  process.once('exit', end);
  return new Promise<InputExample>((resolve) => {
    child.once('message', (example) => resolve(example as InputExample));
    child.once('error', ({ message }) => resolve({ reason: message }));
    child.once('exit', (code) =>
      resolve({
        reason:
          code === null
            ? `finding an example took longer than ${limitMs / 1000} s`
            : `the module with the schema ended its process with exit code ${code}`,
      }),
    );
    child.send(module, () => undefined);
  }).finally(() => {
    systemClock.clearTimeout(timer);
    process.removeListener('exit', end);
    end();
  });
}

function scriptFile(): string {
  return SCRIPT.map((file) => path.join(__dirname, file)).find((file) => existsSync(file)) ?? SCRIPT[0];
}

/**
 * Returns the environment variables of `dev`, but without access to AWS. A handler's module may send requests while it
 * is loaded.
 */
function variables(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/^(AWS_|NODE_OPTIONS$)/i.test(name));
  return {
    ...Object.fromEntries(others),
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    // no service listens at this port
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  };
}
