import { Duration, Stack } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { refusal, reject, StreamerValidationError } from '../../../src/validation/errors';

test('a refusal names the property, its rule, its value and the remedy', () => {
  expect(refusal('timeout', 'be short', 'long')).toBe("`timeout` must be short, got: 'long'");
  expect(refusal('timeout', 'be short', 7, 'Wait less')).toBe('`timeout` must be short, got: 7. Wait less');
});

test('a refusal is thrown as an error of a separate class', () => {
  expect(() => reject('a', 'be b', undefined)).toThrow(StreamerValidationError);
  expect(() => reject('a', 'be b', undefined)).toThrow('`a` must be b, got: undefined');
});

const cycle: Record<string, unknown> = { name: 'a' };
cycle.self = cycle;

const stack = new Stack();
const vpc = new Vpc(stack, 'Vpc');
const imported = (id: string) => SecurityGroup.fromSecurityGroupId(stack, id, 'sg-1');
const made = () => new SecurityGroup(stack, `Group${stack.node.children.length}`, { vpc });

test.each<[unknown, string]>([
  ['text', "'text'"],
  [{ a: [1, null] }, '{"a":[1,null]}'],
  [Object.create(null), '{}'],
  [null, 'null'],
  [12n, '12n'],
  [Symbol('s'), 'Symbol(s)'],
  [() => 1, 'a function'],
  [Duration.seconds, 'a function (seconds)'],
  [Duration, 'class Duration'],
  [new Stack(), 'an object of class Stack'],
  [new Date(0), 'an object of class Date'],
  [cycle, 'an object with name, self'],
  [[cycle], 'an array of 1'],
  [[], '[]'],
  [[1, { a: 2 }], '[1,{"a":2}]'],
  [new (class Import {})(), 'an object of class Object'],
  [new (class OurGroup extends SecurityGroup {})(stack, 'Ours', { vpc }), 'an object of class OurGroup'],
  [imported('A'), 'an object of class SecurityGroup'],
  [[imported('B')], 'an array of 1 SecurityGroup'],
  [[made(), made()], 'an array of 2 SecurityGroup'],
  [[Duration.seconds(1), 'sg-1', [1]], "an array of 3: an object of class Duration, 'sg-1', an array"],
  ['x'.repeat(300), `'${'x'.repeat(199)}…`],
])('the given value is shown, briefly: %p', (value, shown) => {
  expect(refusal('a', 'be b', value)).toBe(`\`a\` must be b, got: ${shown}`);
});
