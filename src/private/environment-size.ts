import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { refusal } from './errors';

/** What Lambda allows for the names and values of a function's variables. */
const MAX_ENVIRONMENT_BYTES = 4_096;

/** Functions below `scope` whose environment Lambda would refuse. Known only at the end: variables are added until then. */
export function checkEnvironments(scope: IConstruct): string[] {
  const functions = scope.node.findAll().filter((each): each is CfnFunction => each instanceof CfnFunction);
  const estimate = estimator(Stack.of(scope));
  return functions.flatMap((fn) => {
    const bytes = estimate(Stack.of(fn).resolve(fn.environment)?.variables ?? {});
    if (bytes <= MAX_ENVIRONMENT_BYTES) return [];
    const path = fn.node.path.slice(scope.node.path.length + 1).replace(/\/Resource$/, '');
    return [
      refusal(
        `environment of ${path}`,
        `be at most ${MAX_ENVIRONMENT_BYTES} bytes, names and values together, as Lambda allows`,
        bytes,
        'Spread the handlers over two APIs, or shorten their `environment`',
      ),
    ];
  });
}

/** Bytes of an environment at the least: what stands for a value that is known at deployment only counts as short as that can be. */
function estimator(stack: Stack): (value: unknown) => number {
  const names = namesOf(stack);
  function estimate(value: unknown): number {
    if (typeof value === 'string') return Buffer.byteLength(value);
    if (typeof value !== 'object' || value === null) return 0;
    const { Ref, 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
    if (Ref) return names.get(Ref) ?? 0;
    if (join) return sum(join[1].map(estimate)) + Buffer.byteLength(join[0]) * Math.max(0, join[1].length - 1);
    if (Object.keys(value).some((key) => key.startsWith('Fn::'))) return 0;
    return sum(Object.entries(value).map(([name, each]) => Buffer.byteLength(name) + estimate(each)));
  }
  return estimate;
}

const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Letters and digits that CloudFormation puts behind a name of its own making. */
const SUFFIX = '-123456789012';
/** With the shortest name of a region. */
const QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/123456789012/';

/** Length of what `Ref` gives for resources whose names CloudFormation makes up, by logical id. */
function namesOf(stack: Stack): Map<string, number> {
  const stackName = stack.resolve(stack.stackName);
  const prefix = typeof stackName === 'string' ? stackName.length + 1 : 0;
  const resources = stack.node.findAll().filter(CfnResource.isCfnResource);
  return new Map(
    resources.flatMap((each): [string, number][] => {
      const logicalId: string = stack.resolve(each.logicalId);
      const generated = (max: number) => Math.min(max, prefix + logicalId.length + SUFFIX.length);
      if (each.cfnResourceType === 'AWS::SQS::Queue') return [[logicalId, QUEUE_URL.length + generated(80)]];
      return each.cfnResourceType === 'AWS::DynamoDB::GlobalTable' ? [[logicalId, generated(255)]] : [];
    }),
  );
}
