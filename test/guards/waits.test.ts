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

/** Matches the text of every module with a limit: a statement whose last argument is a number, or the option `timeout`. Only these modules are parsed. */
const SIGN = /(?:,|setTimeout\()\s*[\d_]+,?\s*\)(?:;|$)|\btimeout:/;

function shortLimitsIn(text: string, file?: string): string[] {
  const nodes = SIGN.test(text) ? nodesOf(parse(text, file)) : [];
  return nodes.filter(ts.isCallExpression).flatMap((call) => {
    const limit = limitOf(call);
    return limit !== undefined && limit < LIMIT ? [`${placeOf(call)}: a limit of ${limit} ms`] : [];
  });
}

test(`no test has a limit below ${LIMIT} ms: leave it out`, () => {
  expect(LIMIT).toBeGreaterThanOrEqual(120_000);
  expect(modulesOf('test').flatMap((file) => shortLimitsIn(read(file), file))).toEqual([]);
});

test.each([
  'jest.setTimeout(5000)',
  "test('a', () => {}, 5_000)",
  "test.each([1])('a', () => {}, 5_000)",
  'beforeAll(() => {}, 10)',
  "run('node', ['x'], { cwd: '.', timeout: 10_000 })",
])('a short limit is found: %s', (code) => {
  expect(shortLimitsIn(code)).toEqual([expect.stringMatching(/: a limit of \d+ ms$/)]);
});
