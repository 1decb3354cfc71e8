import { createRequire } from 'node:module';
import * as path from 'node:path';

/** The CDK's own file with the flags that a new application should set. */
const FLAGS = 'aws-cdk-lib/recommended-feature-flags.json';

/** The feature flags that the installed CDK recommends for new applications, or undefined if no CDK is installed. */
export function recommendedFlags(root: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return createRequire(path.join(root, 'package.json'))(FLAGS) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
