import { Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { refusal } from './errors';
import { longest } from './token-length';

/** What Lambda allows for the names and values of a function's variables. */
const MAX_ENVIRONMENT_BYTES = 4_096;

/** Functions below `scope` whose environment Lambda would refuse. Known only at the end: variables are added until then. */
export function checkEnvironments(scope: IConstruct): string[] {
  const functions = scope.node.findAll().filter((each): each is CfnFunction => each instanceof CfnFunction);
  return functions.flatMap((fn) => {
    const bytes = sizeOf(Stack.of(fn).resolve(fn.environment)?.variables ?? {}, Stack.of(fn));
    if (bytes <= MAX_ENVIRONMENT_BYTES) return [];
    const path = fn.node.path.slice(scope.node.path.length + 1).replace(/\/Resource$/, '');
    return [
      refusal(
        `environment of ${path}`,
        `be at most ${MAX_ENVIRONMENT_BYTES} bytes, names and values together, as Lambda allows`,
        bytes,
        'Shorten the values; functions of `fromFunction` need no room in it where they have a `functionName`',
      ),
    ];
  });
}

/** Bytes of names and values, with the maximum length of values that are not known yet. */
function sizeOf(variables: Readonly<Record<string, unknown>>, stack: Stack): number {
  return Object.entries(variables).reduce(
    (bytes, [name, value]) => bytes + Buffer.byteLength(name) + longest(value, stack),
    0,
  );
}
