import * as fs from 'node:fs';
import * as path from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { StreamerValidationError } from '../validation/errors';

/** Root folder of this package. It is two levels above the compiled code in `lib/bundling` and also above the sources in `src/bundling`. */
export const PACKAGE_ROOT = path.resolve(__dirname, '..', '..');

/** Path of a file that the build of this package wrote to `lib/`. */
export function builtFile(...segments: string[]): string {
  const file = path.join(PACKAGE_ROOT, 'lib', ...segments);
  if (!fs.existsSync(file)) {
    throw new StreamerValidationError(`${file} is missing: build the runtime with \`npx projen compile:runtime\``);
  }
  return file;
}

/** Functions that contain no user code. */
type BuiltFunction = 'announcer' | 'authorizer' | 'notifier' | 'sweeper' | 'visitors' | 'webhook';

/** Returns the code of a function that contains no user code. The code was bundled when this package was built. */
export function builtFunction(name: BuiltFunction): Code {
  return Code.fromAsset(path.dirname(builtFile('lambda', name, 'index.js')));
}
