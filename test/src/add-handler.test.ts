import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { StreamerApi, StreamerHandler } from '../../src';
import { auth, build, minimalProps } from './support/apps';
import { makeProject } from './support/project';
import { entryOf, environmentOf, functionOf, permissionsOf } from './support/readable';

const DEV = { 'aws:cdk:bundling-stacks': [], 'cdk-streamer:dev': true };
const echo = StreamerHandler.sync('handlers/echo.ts', { environment: { MODE: '1' } });
const report = StreamerHandler.async('handlers/report.ts');
const quote = StreamerHandler.sync('handlers/echo.ts', { isolated: true });

const empty = (context: Record<string, unknown> = DEV) =>
  build({ auth, projectRoot: makeProject(), handlers: {} }, context);

test('handlers from `addHandler` give the same template as handlers from the property', () => {
  const added = empty();
  // The handlers are added in another order than that of their names.
  added.api.addHandler('report', report);
  added.api.addHandler('echo', echo);
  added.api.addHandler('quote', quote);
  const given = build({ auth, projectRoot: makeProject(), handlers: { echo, quote, report } }, DEV);
  const functions = (stack: Stack) => {
    const found = Template.fromStack(stack).findResources('AWS::Lambda::Function');
    return Object.fromEntries(Object.entries(found).map(([id, { Properties }]) => [id, { ...Properties, Code: '' }]));
  };
  expect(functions(added.stack)).toEqual(functions(given.stack));
  const [a, b] = [Template.fromStack(added.stack), Template.fromStack(given.stack)];
  for (const part of ['Router', 'Dispatcher', 'Processorsreport']) expect(entryOf(a, part)).toBe(entryOf(b, part));
});

test('an added handler is served, and `addHandler` returns the function that runs it', () => {
  const { api, stack } = empty();
  const action = api.addHandler('report', report);
  expect(api.handler('report')).toBe(action);
  expect(action.queue).toBeDefined();
  const template = Template.fromStack(stack);
  expect(entryOf(template, 'Router')).toContain(`"report": { kind: 'async'`);
  expect(entryOf(template, 'Dispatcher')).toContain('"report": {"queue":');
  expect(functionOf(template, 'Processorsreport').Properties.Timeout).toBe(305);
});

test("a sync handler's variables and policy reach the router", () => {
  const { api, stack } = build(minimalProps());
  api.addHandler('hello', echo);
  expect(environmentOf(Template.fromStack(stack), 'Router')).toMatchObject({ MODE: '1' });
});

test('one policy statement lets the router invoke all isolated handlers, however many there are', () => {
  const { api, stack } = empty();
  for (let at = 0; at < 5; at++) api.addHandler(`quote${at}`, quote);
  const lines = permissionsOf(Template.fromStack(stack), 'Router').filter((line) => line.includes('lambda:'));
  expect(lines).toHaveLength(1);
});

describe('a handler that cannot be added is refused', () => {
  test('an action that has a handler', () => {
    const { api } = build(minimalProps());
    expect(() => api.addHandler('echo', report)).toThrow(
      "`addHandler` must be called with an action that has no handler yet, got: 'echo'",
    );
  });

  test('a handler cannot be added if it gives another value to a variable of the router', () => {
    const { api } = empty();
    api.addHandler('echo', echo);
    const other = StreamerHandler.sync('handlers/echo.ts', { environment: { MODE: '2' } });
    expect(() => api.addHandler('other', other)).toThrow('`handlers.other.environment` must give each variable');
  });

  test('`addHandler` refuses a value that is not a handler, and an invalid action name', () => {
    const { api } = empty();
    expect(() => api.addHandler('echo', 'handlers/echo.ts' as never)).toThrow(
      "`handlers.echo` must be a StreamerHandler, got: 'handlers/echo.ts'",
    );
    expect(() => api.addHandler('1st', echo)).toThrow('`handlers` must have names of a letter');
  });

  test('no handler can be added after synthesis has begun', () => {
    const { app, api } = build(minimalProps());
    app.synth();
    expect(() => api.addHandler('late', report)).toThrow(
      "`addHandler` must be called before the app is synthesized, got: 'late'",
    );
  });
});

test('an API without any action is refused when it is synthesized', () => {
  expect(() => empty().app.synth()).toThrow(
    '`handlers` must have at least one action, got: {}. Or add one by `addHandler`',
  );
});

test('an added handler is bundled', () => {
  const { app, api } = empty({});
  api.addHandler('echo', echo);
  expect(() => app.synth()).not.toThrow();
  const { app: second, api: other } = empty({});
  other.addHandler('job', StreamerHandler.async('handlers/none.ts'.replace('none', 'archive')));
  expect(() => second.synth()).not.toThrow();
});

test('a retired action takes no new requests, but its queue is still processed', () => {
  const retired = { ...minimalProps().handlers, old: StreamerHandler.async('handlers/archive.ts', { retired: true }) };
  const { api, stack } = build({ ...minimalProps(), handlers: retired }, DEV);
  expect(api.submitFunction).toBeDefined();
  const template = Template.fromStack(stack);
  for (const part of ['Router', 'Submitter']) expect(entryOf(template, part)).not.toContain('"old"');
  expect(entryOf(template, 'Dispatcher')).toContain('"old": {"queue"');
  expect(functionOf(template, 'Processorsold')).toBeDefined();
  Annotations.fromStack(stack).hasWarning(
    '*',
    Match.stringLikeRegexp('`old` accepts no new requests. Remove its handler'),
  );
});

test('two APIs of one stack do not share names', () => {
  const { stack } = build(minimalProps());
  new StreamerApi(stack, 'Second', minimalProps());
  const names = Object.values(Template.fromStack(stack).findResources('AWS::SQS::Queue')).flatMap(
    ({ Properties }) => Properties.QueueName ?? [],
  );
  expect(names).toHaveLength(4);
  expect(new Set(names).size).toBe(4);
});
