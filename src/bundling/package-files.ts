import * as fs from 'node:fs';
import * as path from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { StreamerValidationError } from '../validation/errors';

/** Root of this package: compiled code lies in `lib/bundling`, the sources in `src/bundling`, both two levels below. */
export const PACKAGE_ROOT = path.resolve(__dirname, '..', '..');

/** A file that the package's own build put under `lib/`. */
export function builtFile(...segments: string[]): string {
  const file = path.join(PACKAGE_ROOT, 'lib', ...segments);
  if (!fs.existsSync(file)) {
    throw new StreamerValidationError(`${file} is missing: build the runtime with \`npx projen compile:runtime\``);
  }
  return file;
}

/** Functions that hold none of the user's code. */
type BuiltFunction = 'announcer' | 'authorizer' | 'notifier' | 'sweeper' | 'visitors' | 'webhook';

/** Code of a function that holds none of the user's, bundled when this package was built. */
export function builtFunction(name: BuiltFunction): Code {
  return Code.fromAsset(path.dirname(builtFile('lambda', name, 'index.js')));
}
