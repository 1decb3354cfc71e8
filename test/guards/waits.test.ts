import * as ts from 'typescript';
import { modulesOf, nodesOf, parse, placeOf, read } from './support/sources';

/**
 * Time limit of tests in milliseconds. Tests wait for events, on a machine of any speed. A test's limit must be this one of package.json or a longer
 * one, because a shorter one fails while other programs run. The limit of a process that a test starts must not be shorter either.
 */
const LIMIT: number = JSON.parse(read('package.json')).jest.testTimeout;
/** Matches functions of jest whose last argument can be a limit. */
const LIMITED = /^(test|beforeAll|beforeEach|afterAll|afterEach)\b|^jest\.setTimeout$/;
/** Matches functions that start a process and accept a limit in their options. */
const STARTS = /^(run|exec|execFile|execFileSync|execSync|spawnSync)$/;

const numberOf = (node: ts.Node | undefined): number | undefined =>
  node && ts.isNumericLiteral(node) ? Number(node.text.replaceAll('_', '')) : undefined;

function limitOf(call: ts.CallExpression): number | undefined {
  const name = call.expression.getText();
  if (LIMITED.test(name)) return numberOf(call.arguments.at(-1));
  if (!STARTS.test(name)) return undefined;
  const options = call.arguments.find(ts.isObjectLiteralExpression)?.properties ?? [];
  const timeout = options.find((property) => property.name?.getText() === 'timeout');
  return timeout && ts.isPropertyAssignment(timeout) ? numberOf(timeout.initializer) : undefined;
}

const shortLimitsIn = (source: ts.SourceFile): string[] =>
  [...nodesOf(source)].flatMap((node) => {
    const limit = ts.isCallExpression(node) ? limitOf(node) : undefined;
    return limit !== undefined && limit < LIMIT ? [`${placeOf(node)}: a limit of ${limit} ms`] : [];
  });

test(`no test has a limit below ${LIMIT} ms: leave it out`, () => {
  expect(LIMIT).toBeGreaterThanOrEqual(120_000);
  expect(modulesOf('test').flatMap((file) => shortLimitsIn(parse(read(file), file)))).toEqual([]);
});

test.each([
  'jest.setTimeout(5000)',
  "test('a', () => {}, 5_000)",
  "test.each([1])('a', () => {}, 5_000)",
  'beforeAll(() => {}, 10)',
  "run('node', ['x'], { cwd: '.', timeout: 10_000 })",
])('a short limit is found: %s', (code) => {
  expect(shortLimitsIn(parse(code))).toEqual([expect.stringMatching(/: a limit of \d+ ms$/)]);
});
