import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

/** Settings from the CDK's configuration files of a folder. */
export interface CdkProject {
  /** The command that synthesizes the app. */
  readonly app?: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/**
 * Reads `cdk.json` and `cdk.context.json`, as the CDK's CLI does.
 *
 * @throws Error if one of them is not JSON
 */
export function readProject(dir: string): CdkProject {
  const { app, context } = readJson(path.join(dir, 'cdk.json'));
  return {
    app: typeof app === 'string' ? app : undefined,
    context: { ...(context as object | undefined), ...readJson(path.join(dir, 'cdk.context.json')) },
  };
}

function readJson(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`cannot read ${file}: ${(error as Error).message}`);
  }
}
