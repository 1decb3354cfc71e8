import { App, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import type { FunctionNamesByAction } from '../../../src/contract';
import { Remotes } from '../../../src/handlers/invoked-functions';
import { checkEnvironments } from '../../../src/validation/environment-size';
import { readable } from '../support/readable';

/** Tests where a function finds the names of other functions that are known only at deployment. */

function settled(actions: readonly string[], environment: Record<string, string> = {}, elsewhere = false) {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const other = elsewhere ? new Stack(app, 'Other') : stack;
  const scope = new Construct(stack, 'Streamer');
  const create = (parent: Construct, id: string, variables?: Record<string, string>) =>
    new LambdaFunction(parent, id, {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = () => {}'),
      environment: variables,
    });
  const router = create(scope, 'Router', environment);
  const remotes = new Remotes(router);
  for (const action of actions) remotes.add(action, create(other, `Function-${action}`));
  const asked: FunctionNamesByAction[] = [];
  const settle = () =>
    remotes.settle((names) => {
      asked.push(names);
      return create(scope, 'Names');
    });
  settle();
  settle();
  const resource = stack.resolve((router.node.defaultChild as never as { environment: unknown }).environment);
  const variables = (readable(resource?.variables ?? {}) ?? {}) as Record<string, string>;
  return { scope, asked, variables };
}

const many = (count: number) => Array.from({ length: count }, (_, at) => `translate_a_text_${at}`);

test('a few names are in the environment', () => {
  const { asked, variables } = settled(['b', 'a']);
  expect(asked).toEqual([]);
  expect(Object.keys(JSON.parse(variables.STREAMER_FUNCTIONS))).toEqual(['a', 'b']);
  expect(variables).not.toHaveProperty('STREAMER_NAMES_FUNCTION');
});

test('an API without such functions has no variable for them', () => {
  expect(settled([]).variables).toEqual({});
});

test('200 names are in a function that is created once, sorted by action', () => {
  const { asked, variables } = settled(many(200).reverse());
  expect(asked.map(Object.keys)).toEqual([many(200).sort()]);
  expect(variables).toEqual({ STREAMER_NAMES_FUNCTION: expect.stringContaining('Names') });
});

test('names of functions in another stack take the same number of bytes', () => {
  const asked = (elsewhere: boolean) =>
    Array.from({ length: 60 }, (_, count) => settled(many(count), {}, elsewhere).asked.length);
  expect(asked(true)).toEqual(asked(false));
});

test('large variables of the user leave fewer bytes for names', () => {
  expect(settled(many(10)).asked).toHaveLength(0);
  expect(settled(many(10), { A: 'x'.repeat(3_000) }).asked).toHaveLength(1);
});

test('names never make an environment too large, however many and however long they are', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9_]{0,40}$/), { maxLength: 60 }),
      fc.integer({ min: 0, max: 3_900 }),
      (actions, own) => {
        const { scope, asked, variables } = settled(actions, { OWN: 'x'.repeat(own) });
        expect(checkEnvironments(scope)).toEqual([]);
        expect(asked.length).toBe(variables.STREAMER_NAMES_FUNCTION === undefined ? 0 : 1);
        expect('STREAMER_FUNCTIONS' in variables).toBe(actions.length > 0 && asked.length === 0);
      },
    ),
    { numRuns: 40 },
  );
});
