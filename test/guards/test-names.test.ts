import * as ts from 'typescript';
import { exists, modulesOf, nodesOf, parse, placeOf, read } from './support/sources';

/** Matches functions of jest that mean the same as `test`, run only one test, or leave out tests. */
const OTHERS = /^(it|fit|xit|xtest|fdescribe|xdescribe)(\.\w+)*$|^(test|describe)\.(only|skip)(\.\w+)*$/;

/** Matches the text of every module with such a call. Only these modules are parsed. */
const SIGN = /\b(it|fit|xit|xtest|fdescribe|xdescribe)(\.\w+)*[(`<]|\b(test|describe)\.(only|skip)\b/;

const otherCallsIn = (text: string, file?: string): string[] =>
  (SIGN.test(text) ? nodesOf(parse(text, file)) : [])
    .filter((node) => ts.isCallExpression(node) || ts.isTaggedTemplateExpression(node))
    .map((node) => (ts.isCallExpression(node) ? node.expression : node.tag))
    .filter((called) => OTHERS.test(called.getText()))
    .map((called) => `${placeOf(called)}: ${called.getText()}`);

test('tests are written with test(), and none is left out or run alone', () => {
  const suites = modulesOf('test').filter((file) => file.endsWith('.test.ts'));
  expect(suites.flatMap((file) => otherCallsIn(read(file), file))).toEqual([]);
});

test('it(), test.skip() and test.only() are found', () => {
  const text = "it('a', f); it.each([1])('b', f); test.skip('c', f); test.only.each`x`('d', f); test('e', f);";
  expect(otherCallsIn(text).map((place) => place.split(': ')[1])).toEqual(
    expect.arrayContaining(['it', 'it.each', 'test.skip', 'test.only.each']),
  );
});

test('each suite of test/durations.json exists', () => {
  const suites = Object.keys(JSON.parse(read('test/durations.json')));
  expect(suites.filter((file) => !exists(file))).toEqual([]);
});
