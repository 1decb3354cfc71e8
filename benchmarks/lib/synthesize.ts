import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './versions';

const EXAMPLE = join(ROOT, 'examples', 'reports');
const FIXTURES = join(ROOT, 'benchmarks', 'fixtures');

const APPS = {
  /** The example application, which is also the demo. */
  reports: join(EXAMPLE, 'app.ts'),
  /** An application without user code, except one almost empty handler. */
  emptyHandler: join(FIXTURES, 'empty-handler', 'app.ts'),
  /** An application with every kind of function. */
  everyKind: join(FIXTURES, 'every-kind', 'app.ts'),
  /** An application with handlers whose amount of work is known exactly. */
  workload: join(FIXTURES, 'workload', 'app.ts'),
  /** An application with a bucket of payloads. */
  payloads: join(FIXTURES, 'payloads', 'app.ts'),
  /** The application of the benchmark `outsiders`. */
  outsiders: join(FIXTURES, 'outsiders', 'app.ts'),
  /** The application of the benchmark `reliability`. */
  reliability: join(FIXTURES, 'reliability', 'app.ts'),
  /** The application of the benchmark `coalescing`. */
  coalescing: join(FIXTURES, 'coalescing', 'app.ts'),
  /** An application whose handlers get their bundling options from the context. */
  bundling: join(FIXTURES, 'bundling', 'app.ts'),
};

/**
 * Synthesizes an application in a separate process, as the CDK's command line does.
 *
 * @param assemblyFolder folder to which the cloud assembly is written
 * @param context values of the app's context, by key
 */
export async function synthesize(
  app: keyof typeof APPS,
  assemblyFolder: string,
  context: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await synthesizeFile(APPS[app], assemblyFolder, context);
}

/** Synthesizes the application of a file. */
export async function synthesizeFile(
  file: string,
  assemblyFolder: string,
  context: Readonly<Record<string, unknown>>,
): Promise<void> {
  const tsx = createRequire(__filename).resolve('tsx/cli');
  // The example's tsconfig resolves `cdk-streamer` to this repository.
  const args = [tsx, '--tsconfig', join(EXAMPLE, 'tsconfig.json'), file];
  const env = { ...process.env, CDK_OUTDIR: assemblyFolder, CDK_CONTEXT_JSON: JSON.stringify(context) };
  await promisify(execFile)(process.execPath, args, { cwd: EXAMPLE, env });
}
