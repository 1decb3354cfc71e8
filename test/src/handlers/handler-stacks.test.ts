import { NestedStack, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { type StreamerApiProps, StreamerHandler } from '../../../src';
import { jumpHash } from '../../../src/handlers/handler-stacks';
import { auth, build } from '../support/apps';
import { makeProject } from '../support/project';

const ACTIONS = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/), { minLength: 1, maxLength: 300 });

const make = (actions: readonly string[], handlerStacks: number, more: StreamerApiProps['handlers'] = {}) =>
  build({
    auth,
    projectRoot: makeProject(),
    handlerStacks,
    handlers: {
      ...Object.fromEntries(actions.map((each) => [each, StreamerHandler.async('handlers/report.ts')])),
      ...more,
    },
  });

const nestedOf = (stack: Stack): NestedStack[] =>
  stack.node.findAll().filter((each): each is NestedStack => each instanceof NestedStack);

/** Returns the names of queues by stack. */
function queuesOf(stack: Stack): Record<string, string[]> {
  return Object.fromEntries(
    nestedOf(stack).map((nested) => {
      const queues = Object.values(Template.fromStack(nested).findResources('AWS::SQS::Queue'));
      return [nested.node.id, queues.map(({ Properties }) => Properties.QueueName).sort()];
    }),
  );
}

test('with one more stack, actions move only into the new stack', () => {
  fc.assert(
    fc.property(ACTIONS, fc.integer({ min: 1, max: 99 }), (actions, count) => {
      for (const action of actions) {
        const [before, after] = [jumpHash(action, count), jumpHash(action, count + 1)];
        expect(after === before || after === count).toBe(true);
      }
    }),
  );
});

test('actions are distributed evenly over the stacks', () => {
  const sizes = Array.from({ length: 10 }, () => 0);
  for (let at = 0; at < 2_000; at++) sizes[jumpHash(`action_${at}`, 10)]++;
  expect(Math.min(...sizes)).toBeGreaterThan(150);
  expect(Math.max(...sizes)).toBeLessThan(250);
});

test('the hash has not changed: another hash would move every action', () => {
  expect(['echo', 'generate_report', 'a.b', 'x'].map((action) => jumpHash(action, 10))).toMatchInlineSnapshot(`
[
  6,
  1,
  1,
  9,
]
`);
});

describe('handlers in nested stacks', () => {
  const actions = Array.from({ length: 12 }, (_, at) => `job_${at}`);

  test('handlers in nested stacks do not move when other handlers are added', () => {
    const before = queuesOf(make(actions, 3).stack);
    const after = queuesOf(make([...actions, 'new_one', 'another'], 3).stack);
    expect(Object.keys(before).sort()).toEqual(['Handlers0', 'Handlers1', 'Handlers2']);
    for (const [stack, names] of Object.entries(before)) expect(after[stack]).toEqual(expect.arrayContaining(names));
  });

  test("a handler's resources get another name only if the handler moves to another nested stack", () => {
    const before = Object.values(queuesOf(make(actions, 3).stack)).flat();
    const after = queuesOf(make(actions, 4).stack);
    for (const name of after.Handlers3 ?? []) expect(before).not.toContain(name);
    const stayed = Object.entries(after).flatMap(([stack, names]) => (stack === 'Handlers3' ? [] : names));
    for (const name of stayed) expect(before).toContain(name);
    expect(stayed.length).toBeLessThan(before.length);
  });

  test("with nested stacks, the API's stack has no handler resources, and needs no outputs of the nested stacks", () => {
    const { stack } = make(actions, 3, { quote: StreamerHandler.sync('handlers/echo.ts', { isolated: true }) });
    const template = Template.fromStack(stack);
    const ids = Object.keys(template.findResources('AWS::Lambda::Function')).join();
    expect(ids).not.toMatch(/Processors|Isolated/);
    for (const nested of nestedOf(stack)) {
      const { Outputs, Parameters } = Template.fromStack(nested).toJSON();
      expect(Outputs).toBeUndefined();
      expect(Object.keys(Parameters).length).toBeLessThan(20);
    }
  });

  test('grants and metrics work for handlers in nested stacks', () => {
    const { api, stack } = make(actions, 3);
    api.grantSubmit(api.handler('job_1'));
    expect(stack.resolve(api.handler('job_2').metricDeadLetters().toMetricConfig())).toBeDefined();
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

describe('a stack that would be too large', () => {
  const actions = Array.from({ length: 60 }, (_, at) => `job_${at}`);

  test('a stack that would be too large is refused, and the error names the necessary number of nested stacks', () => {
    expect(() => make(actions, 0).app.synth()).toThrow(
      /`handlerStacks` must be at least 2, got: 0\. A stack would have 5\d\d resources, but CloudFormation allows 500/,
    );
    expect(() => make(actions, 2).app.synth()).not.toThrow();
  });

  test('an API is refused if its nested stacks are too few', () => {
    expect(() => make(actions, 1).app.synth()).toThrow('`handlerStacks` must be at least 2, got: 1');
  });
});
