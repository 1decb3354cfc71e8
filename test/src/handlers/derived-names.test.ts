import { Aspects, type CfnResource } from 'aws-cdk-lib';
import { CfnAlias, CfnFunction, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { HandlerMode, type StreamerApiProps, StreamerHandler } from '../../../src';
import { APPS, type Built, build, minimalProps } from '../support/apps';

const handlers = {
  run: StreamerHandler.async('handlers/archive.ts'),
  look: StreamerHandler.sync('handlers/echo.ts', { isolated: true, provisionedConcurrency: 1 }),
};

const make = (more: Partial<StreamerApiProps> = {}): Built => build({ ...minimalProps(), handlers, ...more });

/** Synthesizes an app with an aspect that changes each node. */
function withAspect(visit: (node: IConstruct) => void, built = make()): () => void {
  Aspects.of(built.app).add({ visit });
  return () => void built.app.synth();
}

/** Finds the resource of a construct below the API. */
const find = ({ api }: Built, path: string): CfnResource =>
  path.split('/').reduce<IConstruct>((at, id) => at.node.findChild(id), api).node.defaultChild as CfnResource;

test('an aspect that renames queues is refused, and the error names the queue and the remedy', () => {
  const rename = (node: IConstruct) => {
    if (node instanceof CfnQueue) node.queueName = `corp-${node.node.addr}`;
  };
  const message =
    /`QueueName of Test\/Streamer\/Processors\/run\/Queue` must stay 'TestStreamer[^']*-run-[^']*', got: 'corp-[^']*'\. The code and the permissions of other functions .*exclude the resource from the aspect/;
  expect(withAspect(rename)).toThrow(message);
  expect(withAspect(rename)).toThrow('`QueueName of Test/Streamer/Processors/run/DeadLetters` must stay');
  expect(withAspect(rename, make({ handlerStacks: 1 }))).toThrow(/QueueName of \S*\/Processors\/run\/Queue` must stay/);
});

test('an aspect that renames functions is refused for isolated functions only', () => {
  const rename = (node: IConstruct) => {
    if (node instanceof CfnFunction) node.functionName = `corp-${node.node.addr}`;
  };
  expect(withAspect(rename)).toThrow('`FunctionName of Test/Streamer/Isolated/look/Function` must stay');
  const { run } = handlers;
  expect(withAspect(rename, make({ handlers: { run } }))).not.toThrow();
});

test('the alias of an isolated function keeps its name', () => {
  const rename = (node: IConstruct) => {
    if (node instanceof CfnAlias) node.name = 'stable';
  };
  expect(withAspect(rename)).toThrow(
    "`Name of Test/Streamer/Isolated/look/Function/Live` must stay 'live', got: 'stable'",
  );
});

test.each([
  ['QueueName', 'Processors/run/Queue'],
  ['QueueName', 'Processors/run/DeadLetters'],
  ['FunctionName', 'Isolated/look/Function'],
])('an override of %s of %s is refused, and so is its removal', (property, path) => {
  const [changed, removed, kept] = [make(), make(), make()];
  find(changed, path).addPropertyOverride(property, 'other');
  expect(() => changed.app.synth()).toThrow(`\`${property} of Test/Streamer/${path}\` must stay`);
  find(removed, path).addPropertyDeletionOverride(property);
  expect(() => removed.app.synth()).toThrow(/must stay '[^']*', got: undefined/);
  find(kept, path).addPropertyOverride('Tags', [{ Key: 'team', Value: 'a' }]);
  expect(() => kept.app.synth()).not.toThrow();
});

test.each([
  HandlerMode.SYNC,
  HandlerMode.ASYNC,
])("a user's function whose name changes later is refused: %s", (mode) => {
  const built = build((stack) => {
    const fn = new LambdaFunction(stack, 'Own', {
      functionName: 'translate',
      runtime: Runtime.PYTHON_3_13,
      handler: 'index.handler',
      code: Code.fromInline('def handler(event, context): pass'),
    });
    return { ...minimalProps(), handlers: { own: StreamerHandler.fromFunction(fn, { mode }) } };
  });
  const resource = built.stack.node.findChild('Own').node.defaultChild as CfnFunction;
  resource.functionName = 'corp-translate';
  expect(() => built.app.synth()).toThrow("`FunctionName of Test/Own` must stay 'translate', got: 'corp-translate'");
});

test.each(APPS)('the %s app has all recorded names', (_, makeApp) => {
  expect(() => makeApp().app.synth()).not.toThrow();
});
