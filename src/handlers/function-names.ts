import { Duration, Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { EnvJson, FunctionNamesByAction } from '../contract';
import { StreamerFunction } from '../parts/streamer-function';
import type { Settings } from '../settings';
import { reject } from '../validation/errors';

export interface FunctionNamesProps {
  readonly settings: Settings;
  /** By action. */
  readonly names: FunctionNamesByAction;
}

/**
 * Returns the names of the users' functions to the router, whose environment has no room for them.
 *
 * The names are in its code, which CloudFormation writes: an inline code may have 4 MB, and no asset can hold what is known at deployment only.
 */
export class FunctionNames extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, { settings, names }: FunctionNamesProps) {
    super(scope, id);
    if (settings.functionDefaults.codeSigningConfig) refuseSigning(names);
    const json = Stack.of(this).toJsonString(names satisfies EnvJson['functions']);
    this.function = new StreamerFunction(this, 'Function', {
      settings,
      description: 'Streamer: knows the functions of `fromFunction` for the router',
      code: Code.fromInline(`const names = ${json};\nexports.handler = async () => names;\n`),
      timeout: Duration.seconds(3),
      memorySize: 256,
      invokedBy: 'The router invokes it synchronously',
    });
  }
}

/** Inline code cannot be signed. */
function refuseSigning(names: FunctionNamesByAction): never {
  return reject(
    'functionDefaults.codeSigningConfig',
    "come with so few sync handlers by `fromFunction` that their names fit into the router's environment",
    Object.keys(names).length,
    'Give their functions a `functionName`, which takes no room in it',
  );
}
