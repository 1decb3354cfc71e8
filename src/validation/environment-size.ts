import {
  DefaultTokenResolver,
  type IPostProcessor,
  type IResolvable,
  type IResolveContext,
  Reference,
  Stack,
  Tokenization,
} from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { refusal } from './errors';
import { longest } from './token-length';

/** What Lambda allows for the names and values of a function's variables. */
export const MAX_ENVIRONMENT_BYTES = 4_096;

/** Functions below `scope` whose environment Lambda would refuse. Known only at the end: variables are added until then. */
export function checkEnvironments(scope: IConstruct): string[] {
  const functions = scope.node.findAll().filter((each): each is CfnFunction => each instanceof CfnFunction);
  return functions.flatMap((fn) => {
    const bytes = environmentBytes(fn);
    if (bytes <= MAX_ENVIRONMENT_BYTES) return [];
    const path = fn.node.path.slice(scope.node.path.length + 1).replace(/\/Resource$/, '');
    return [
      refusal(
        `environment of ${path}`,
        `be at most ${MAX_ENVIRONMENT_BYTES} bytes, names and values together, as Lambda allows`,
        bytes,
        'Shorten the values, or put large ones into a parameter or a file of the bundle',
      ),
    ];
  });
}

/** Bytes of the names and values of a function's variables, with the maximum length of values that are not known yet. */
export function environmentBytes(fn: CfnFunction): number {
  const { variables = {} } = Object(resolveWithLengths(fn.environment, fn)) as { variables?: Record<string, unknown> };
  return Object.entries(variables).reduce(
    (bytes, [name, value]) => bytes + Buffer.byteLength(name) + longest(value, Stack.of(fn)),
    0,
  );
}

/** Bytes of a value of a function's environment, with the maximum length of what is not known yet. */
export const valueBytes = (value: string, fn: CfnFunction): number =>
  longest(resolveWithLengths(value, fn), Stack.of(fn));

const resolveWithLengths = (value: unknown, scope: CfnFunction): unknown =>
  Tokenization.resolve(value, { scope, resolver: new LengthResolver(Stack.of(scope)) });

/**
 * Resolves values of other stacks to strings of their length. The CDK replaces them by imported values and parameters only after all aspects
 * have run.
 */
class LengthResolver extends DefaultTokenResolver {
  public constructor(private readonly stack: Stack) {
    super({ join: (left, right) => ({ 'Fn::Join': ['', [left, right].filter((each) => each !== undefined)] }) });
  }

  public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (!Reference.isReference(token)) return super.resolveToken(token, context, postProcessor);
    const owner = Stack.of(token.target);
    if (owner === this.stack) return super.resolveToken(token, context, postProcessor);
    return 'x'.repeat(longest(owner.resolve(token), owner));
  }
}
