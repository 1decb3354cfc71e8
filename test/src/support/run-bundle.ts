import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { findNode } from '../../../local/emulator/lambda/node-binary';
import { type StreamerApiProps, type StreamerBundlingOptions, StreamerHandler } from '../../../src';
import { auth, build } from './apps';

/** The folder of a function's code as it would be uploaded, and the warnings of synthesis. */
export interface BundledHandler {
  readonly folder: string;
  readonly hash: string;
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

export interface BundleRequest {
  readonly projectRoot: string;
  /** Path of the module. */
  readonly entry?: string;
  readonly bundling?: StreamerBundlingOptions;
  readonly api?: Partial<StreamerApiProps>;
  readonly context?: Record<string, unknown>;
}

/** Synthesizes an API with one async handler, `job`, and returns the handler's code. */
export function bundleHandler({
  projectRoot,
  entry = 'handlers/job.ts',
  bundling,
  api,
  context,
}: BundleRequest): BundledHandler {
  const job = StreamerHandler.async(entry, { bundling });
  const built = build({ auth, projectRoot, handlers: { job }, ...api }, { ...context });
  const assembly = built.app.synth();
  const resource = built.api.handler('job').function.node.defaultChild as never;
  const { Resources } = assembly.getStackByName(built.stack.stackName).template;
  const key = Resources[built.stack.getLogicalId(resource)].Properties.Code.S3Key as string;
  const hash = path.basename(key, '.zip');
  const folder = path.join(assembly.directory, `asset.${hash}`);
  const warnings = Annotations.fromStack(built.stack).findWarning('*', Match.anyValue());
  return {
    folder,
    hash,
    files: fs.readdirSync(folder).sort(),
    warnings: warnings.map(({ entry: { data } }) => String(data)),
  };
}

/** Replaces the runtime. It keeps the handler that the entry passes to it. */
const STAND_IN = `exports.createProcessor = ({ load }) => ({
  run: async (context) => {
    const { default: exported } = await load();
    return (exported.run ? exported : exported.default).run(context);
  },
});
`;

const RUNNER = `
const [folder, format] = process.argv.slice(1);
const load = format === 'esm' ? import('file://' + folder + '/index.mjs') : Promise.resolve(require(folder + '/index.js'));
const log = { info() {}, error() {} };
load
  .then(async ({ handler }) => (await handler).run({ input: {}, progress() {}, emit: async () => {}, log }))
  .then((value) => { process.stdout.write('\\n=' + JSON.stringify(value ?? null)); process.exit(0); })
  .catch((error) => { process.stderr.write('\\n=' + (error.stack ?? error)); process.exit(1); });
`;

/**
 * Runs a handler's code as it would be uploaded. It runs in a process with Lambda's version of Node.js, and with a replacement for Streamer's
 * runtime.
 *
 * @throws Error with the stack of the error that the handler threw
 */
export function runBundle({ folder, files }: Pick<BundledHandler, 'folder' | 'files'>): unknown {
  fs.writeFileSync(path.join(folder, 'streamer-processor.js'), STAND_IN);
  const format = files.includes('index.mjs') ? 'esm' : 'cjs';
  const node = findNode('nodejs24.x') ?? process.execPath;
  try {
    const output = execFileSync(node, ['-e', RUNNER, folder, format], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    return JSON.parse(output.slice(output.lastIndexOf('\n=') + 2));
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(stderr.slice(stderr.lastIndexOf('\n=') + 2) || String(error));
  }
}
