import { createRequire } from 'node:module';
import * as path from 'node:path';

/** File of the CDK with the feature flags that it recommends for new applications. */
const FLAGS = 'aws-cdk-lib/recommended-feature-flags.json';

/**
 * Reads the feature flags that the installed CDK recommends for new applications. Returns undefined if the CDK is not
 * installed.
 */
export function recommendedFlags(root: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return createRequire(path.join(root, 'package.json'))(FLAGS) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
