import { App, Fn, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { checkEnvironments } from '../../../src/private/environment-size';

function check(environment: (stack: Stack) => Record<string, string>): string[] {
  const stack = new Stack(new App(), 'Stack');
  const scope = new Construct(stack, 'Streamer');
  new LambdaFunction(scope, 'Router', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => {}'),
    environment: environment(stack),
  });
  return checkEnvironments(scope);
}

test('names and values of 4,096 bytes are allowed, one more is not', () => {
  expect(check(() => ({ A: 'x'.repeat(4095) }))).toEqual([]);
  expect(check(() => ({ A: 'x'.repeat(4096) }))).toEqual([
    '`environment of Router` must be at most 4096 bytes, names and values together, as Lambda allows, got: 4097. ' +
      'Spread the handlers over two APIs, or shorten their `environment`',
  ]);
});

test('bytes are counted, not characters', () => {
  expect(check(() => ({ A: 'ä'.repeat(2048) }))).toHaveLength(1);
});

test("a queue's address counts as long as it will be at the least", () => {
  const urls = (count: number) => (stack: Stack) => ({
    A: Fn.join(
      ',',
      Array.from({ length: count }, (_, index) => new Queue(stack, `Queue${index}`).queueUrl),
    ),
  });
  expect(check(urls(20))).toEqual([]);
  expect(check(urls(60))).toHaveLength(1);
});

test('what cannot be known counts as nothing', () => {
  expect(check(() => ({ A: Fn.importValue('elsewhere'), B: 'x'.repeat(4094) }))).toEqual([]);
});
