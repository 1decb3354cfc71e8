import { existsSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import type { Synthesizable } from './streamer-types';

/** A synthesized app. */
export interface Synthesized {
  readonly dir: string;
  /** Whether the CDK created a temporary folder because the app specifies no output folder. */
  readonly temporary: boolean;
}

/**
 * Synthesizes the app of a construct.
 *
 * @throws Error if the construct is not part of an app, or if the app cannot be synthesized
 */
export function synthesize(stackOrApp: Synthesizable): Synthesized {
  const root = stackOrApp?.node?.root as { synth?: () => { readonly directory: string } } | undefined;
  if (typeof root?.synth !== 'function') {
    throw new TypeError('createLocalStreamer: expected an App, or a Stack or another construct of an App');
  }
  const { directory } = root.synth();
  if (!existsSync(directory)) {
    throw new Error(
      'createLocalStreamer: the folder of this app was removed when its first run was closed. Create a new app for each run, or specify a separate folder: new App({ outdir })',
    );
  }
  return { dir: directory, temporary: isTemporary(directory) };
}

/**
 * Whether a folder is temporary. Without an `outdir`, the CDK creates `cdk.outXXXXXX` in the system's temporary folder.
 */
function isTemporary(directory: string): boolean {
  const dir = realpathSync(directory);
  return dirname(dir) === realpathSync(tmpdir()) && /^cdk\.out./.test(basename(dir));
}
