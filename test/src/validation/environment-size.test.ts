import { App, Fn, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { checkEnvironments } from '../../../src/validation/environment-size';

function check(environment: (stack: Stack) => Record<string, string>): string[] {
  const stack = new Stack(new App(), 'Stack');
  const scope = new Construct(stack, 'Streamer');
  new LambdaFunction(scope, 'Router', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => {}'),
    environment: environment(stack),
  });
  // Synthesis replaces references to other stacks by imported values.
  (stack.node.root as App).synth();
  return checkEnvironments(scope);
}

test('names and values of 4,096 bytes are allowed, one more is not', () => {
  expect(check(() => ({ A: 'x'.repeat(4095) }))).toEqual([]);
  expect(check(() => ({ A: 'x'.repeat(4096) }))).toEqual([
    '`environment of Router` must be at most 4096 bytes, names and values together, as Lambda requires, got: 4097. ' +
      'Shorten the values, or move large ones to a parameter or a file of the bundle',
  ]);
});

test('bytes are counted, not characters', () => {
  expect(check(() => ({ A: 'ä'.repeat(2048) }))).toHaveLength(1);
});

test("a queue's URL counts with its maximum length", () => {
  const urls = (count: number) => (stack: Stack) => ({
    A: Fn.join(
      ',',
      Array.from({ length: count }, (_, index) => new Queue(stack, `Queue${index}`).queueUrl),
    ),
  });
  // 57 characters precede the name, which is `Stack-Queue<n><hash>-<suffix>`.
  expect(check(urls(40))).toEqual([]);
  expect(check(urls(60))).toHaveLength(1);
});

test('ARNs of another stack of the app count, although they are imported values', () => {
  const arns = (count: number) => (stack: Stack) => {
    const other = new Stack(stack.node.root, 'Other');
    const arns = Array.from({ length: count }, (_, n) => new Queue(other, `Elsewhere${n}`).queueArn);
    return { A: Fn.join(',', arns) };
  };
  expect(check(arns(10))).toEqual([]);
  // Each ARN has at least 100 characters. It would count as nothing if imported values were not resolved.
  expect(check(arns(40))).toHaveLength(1);
});

test('a value that is not known at synthesis counts as nothing', () => {
  expect(check(() => ({ A: Fn.importValue('elsewhere'), B: 'x'.repeat(4094) }))).toEqual([]);
});
