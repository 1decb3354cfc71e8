import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { actionName, deadLetterName, namePrefix } from '../../../src/handlers/names';

const ACTION = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/);

test('names are what Lambda and SQS accept, whatever the stack, the path and the action are called', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,127}$/),
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.]{0,200}$/),
      ACTION,
      (stackName, id, action) => {
        const prefix = namePrefix(new Construct(new Stack(new App(), 'Stack', { stackName }), id));
        const name = actionName(prefix, action, 'stack 99');
        expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(`${deadLetterName(name)}.fifo`.length).toBeLessThanOrEqual(80);
      },
    ),
    { numRuns: 200 },
  );
});

test('resources of different actions have different names, even if the readable parts are the same', () => {
  fc.assert(
    fc.property(fc.uniqueArray(ACTION, { minLength: 2, maxLength: 50 }), (actions) => {
      const names = [...actions, 'a.b', 'a-b', 'a_b'].map((action) => actionName('Prefix', action, ''));
      expect(new Set(names).size).toBe(new Set([...actions, 'a.b', 'a-b', 'a_b']).size);
    }),
  );
});

test('the resources of an action that moves to another stack get another name', () => {
  expect(actionName('P', 'report', 'stack 1')).not.toBe(actionName('P', 'report', ''));
});

test("prefixes differ by stack, stage and path; in a nested stack, the prefix begins with the parent stack's name", () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const prefixes = [
    new Construct(stack, 'A'),
    new Construct(stack, 'B'),
    new Construct(new Construct(stack, 'Sub'), 'A'),
    new Construct(new Stack(app, 'Other'), 'A'),
    new Construct(new Stack(new Stage(app, 'Prod'), 'Stack'), 'A'),
    new Construct(new NestedStack(stack, 'Nested'), 'A'),
  ].map(namePrefix);
  expect(new Set(prefixes).size).toBe(prefixes.length);
  for (const prefix of prefixes) expect(prefix).toMatch(/^[A-Za-z0-9]{9,28}$/);
});
