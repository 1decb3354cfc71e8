import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './versions';

const EXAMPLE = join(ROOT, 'examples', 'reports');
const FIXTURES = join(ROOT, 'benchmarks', 'fixtures');

const APPS = {
  /** The example, which is the demo. */
  reports: join(EXAMPLE, 'app.ts'),
  /** No module of the user except one almost empty handler. */
  emptyHandler: join(FIXTURES, 'empty-handler', 'app.ts'),
  /** Every kind of function. */
  everyKind: join(FIXTURES, 'every-kind', 'app.ts'),
  /** Handlers whose work is known exactly. */
  workload: join(FIXTURES, 'workload', 'app.ts'),
  /** Handlers of the benchmark `outsiders`. */
  outsiders: join(FIXTURES, 'outsiders', 'app.ts'),
  /** Handlers with options of `bundling` from the context. */
  bundling: join(FIXTURES, 'bundling', 'app.ts'),
};

/**
 * Synthesizes an application in a separate process, as the CDK's command line does.
 *
 * @param assemblyFolder where the cloud assembly is written
 * @param context values of the app's context, by key
 */
export async function synthesize(
  app: keyof typeof APPS,
  assemblyFolder: string,
  context: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await synthesizeFile(APPS[app], assemblyFolder, context);
}

/** Synthesizes an application by the path of its file. */
export async function synthesizeFile(
  file: string,
  assemblyFolder: string,
  context: Readonly<Record<string, unknown>>,
): Promise<void> {
  const tsx = createRequire(__filename).resolve('tsx/cli');
  // the example's tsconfig maps `cdk-streamer` to this repository
  const args = [tsx, '--tsconfig', join(EXAMPLE, 'tsconfig.json'), file];
  const env = { ...process.env, CDK_OUTDIR: assemblyFolder, CDK_CONTEXT_JSON: JSON.stringify(context) };
  await promisify(execFile)(process.execPath, args, { cwd: EXAMPLE, env });
}
