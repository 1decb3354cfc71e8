import { buildSync } from 'esbuild';
import * as fc from 'fast-check';
import { parseEsbuildArgs } from '../../../../src/bundling/esbuild/args';

test('command line options are converted to those of the JavaScript interface', () => {
  const args = {
    '--alias': 'a=b',
    '--alias:c': 'd=e',
    '--conditions': 'one,two',
    '--drop': 'debugger',
    '--drop:console': true,
    '--log-limit': '0',
    '--log-override:equals-nan': 'silent',
    '--supported:bigint': 'false',
    '--tree-shaking': true,
    '--ignore-annotations': 'false',
    '--jsx-factory': 'h',
  };
  expect(parseEsbuildArgs(args)).toEqual({
    alias: { a: 'b', c: 'd=e' },
    conditions: ['one', 'two'],
    drop: ['debugger', 'console'],
    logLimit: 0,
    logOverride: { 'equals-nan': 'silent' },
    supported: { bigint: false },
    treeShaking: true,
    ignoreAnnotations: false,
    jsxFactory: 'h',
  });
});

test('esbuild accepts the converted options', () => {
  const options = parseEsbuildArgs({
    '--drop:console': true,
    '--pure:f': true,
    '--legal-comments': 'none',
    '--supported:bigint': true,
  });
  const { outputFiles } = buildSync({ ...options, stdin: { contents: 'console.log(1); f(); done();' }, write: false });
  expect(outputFiles[0].text).not.toContain('console');
});

test('options that are left out give no arguments', () => {
  expect(parseEsbuildArgs({ '--jsx': undefined, '--drop': null })).toEqual({});
});

test('an invalid number and a pair without a value are refused', () => {
  expect(() => parseEsbuildArgs({ '--log-limit': 'many' })).toThrow(/give --log-limit a number, got: 'many'/);
  expect(() => parseEsbuildArgs({ '--alias': 'a' })).toThrow(/give --alias a name and a value/);
});

test('any other option is refused by its name, and no option causes another error', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (name) => {
      expect(() => parseEsbuildArgs({ [`--x-${name}`]: true })).toThrow(/must name options of esbuild/);
    }),
  );
});
