import { METRICS } from '../../src/contract';
import { pageNames } from '../docs/support/pages';
import { namedNumbers, repeatedNumbers, repeatedStrings } from './support/contract';
import { parse, read, sourcesOf } from './support/sources';

/**
 * The construct shares variables, metadata keys, metrics, defaults and bounds with the functions or the local run. Each is written only once, in
 * src/contract. A copy would compile, and the two values could become different later.
 */
const sources = (...folders: string[]) =>
  sourcesOf(...folders).filter(({ fileName }) => !fileName.startsWith('src/contract/'));

/** Numbers that equal a number of the contract, but have another meaning. An item is `file name`, or only `file` for a number without a name. */
const COINCIDENCES: ReadonlySet<string> = new Set([
  // timeouts of functions and of calls
  'authorizer.ts timeout',
  'config.ts requestTimeout',
  'config.ts connectionTimeout',
  'kill.ts DEFAULT_WAIT_MS',
  'announce.ts maxMs',
  // limits of files and of logged strings
  'suggest.ts MAX_FILES',
  'thrown.ts MAX_THROWN_CHARS',
  // limits of SQS, and intervals between checks and renewals
  'transitions.ts MAX_QUEUE_DELAY_MS',
  'keep-hidden.ts RENEW_MS',
  'recovery.ts MAX_WAKING_MS',
  'viewer-line.ts maxMs',
  'coalescer.ts PERSIST_INTERVAL_MS',
  'secret-keys.ts CACHED_MS',
]);

test('no module writes a name of the contract again: import it from src/contract', () => {
  const all = sources('src', 'lambda-src', 'local', 'testing');
  expect(all.length).toBeGreaterThan(300);
  expect(all.flatMap(repeatedStrings)).toEqual([]);
});

// local/ is left out: it emulates AWS, so its numbers are those of AWS's services.
test('no module assigns another number to a name of the contract', () => {
  const all = sources('src', 'lambda-src', 'testing', 'local/cli', 'local/console', 'local/dev');
  expect(all.flatMap(namedNumbers)).toEqual([]);
});

test('no module writes a default or a bound of the contract again', () => {
  const all = sources('src', 'lambda-src', 'testing');
  expect(all.flatMap((source) => repeatedNumbers(source, COINCIDENCES))).toEqual([]);
});

test.each([
  ["const name = 'STREAMER_LIMITS';", 'ENV.limits'],
  ['throw new Error(`no STREAMER_LIMITS in $' + '{place}`);', 'ENV.limits'],
  ["resource.addMetadata('cdk-streamer:jwt', {});", 'METADATA.jwt'],
  ["const { 'cdk-streamer:bundle': bundle } = metadata;", 'METADATA.bundle'],
  ["const args = ['-c', 'cdk-streamer:dev=true'];", 'DEV_CONTEXT'],
  ["metrics.addMetric('MessagesAnswered', 1);", 'METRICS.messagesAnswered'],
  ["new Metrics({ namespace: 'Streamer' });", 'METRIC_NAMESPACE'],
])('%s repeats a name of the contract', (code, name) => {
  expect(repeatedStrings(parse(code))).toEqual([expect.stringContaining(name)]);
});

test.each([
  "const name = 'STREAMER_LIMITS_OF_ANOTHER';",
  "const id = 'cdk-streamer:jwtExpired';",
  'const x = `Streamer`;',
])('%s repeats no name of the contract', (code) => {
  expect(repeatedStrings(parse(code))).toEqual([]);
});

test.each([
  ['const f = (props: Props) => props.maxEvents ?? 20_000;', 'DEFAULTS.limits.maxEvents'],
  ['const limits = { maxEvents: 20_000 };', 'DEFAULTS.limits.maxEvents'],
  ['const f = ({ maxEvents = 20_000 }) => maxEvents;', 'DEFAULTS.limits.maxEvents'],
  ['const { timeoutMs = 240_000 } = options;', 'DEFAULTS.action.timeoutMs'],
  ['const f = (options: Options) => options.timeoutMs ?? 240_000;', 'DEFAULTS.action.timeoutMs'],
  ['const MAX_RESULT_BYTES = 100 * 1024;', 'BOUNDS.resultBytes'],
  ['const WRITE_MARGIN_MS = 6_000;', 'BOUNDS.writeMarginMs'],
])('%s assigns a number to a name of the contract', (code, path) => {
  expect(namedNumbers(parse(code))).toEqual([expect.stringContaining(path)]);
});

test.each([
  ['const DEFAULT_MS = 300_000;', 'DEFAULTS.action'],
  ['const wait = Duration.minutes(5);', 'DEFAULTS.action'],
  ['const keep = Duration.days(7);', 'DEFAULTS.retentionSeconds'],
  ['validateSize(size, Size.kibibytes(120));', 'BOUNDS.resultBytes'],
  ['const LARGEST = 120 * 1024;', 'BOUNDS.resultBytes'],
])('%s repeats a number of the contract', (code, path) => {
  expect(repeatedNumbers(parse(code), new Set())).toEqual([expect.stringContaining(path)]);
});

test('every coincidence is still in the code', () => {
  const all = sources('src', 'lambda-src', 'testing').flatMap((source) => repeatedNumbers(source, new Set()));
  expect([...COINCIDENCES].filter((place) => !all.some((each) => each.includes(`\`${place}\``)))).toEqual([]);
});

/** Returns the names of metrics on a page: those in the first column of a table of metrics, and those after the word "metric". */
function metricsOn(text: string): string[] {
  const tables = [...text.matchAll(/^\| metric \|.*\n(?:\|.*\n)+/gm)].flatMap(([table]) => table.split('\n').slice(2));
  return [
    ...tables.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)]),
    ...text.matchAll(/\bmetrics? `([A-Z]\w*)`/g),
  ].map(([, name]) => name);
}

test('every metric that a page names is one of the contract', () => {
  const names = Object.values(METRICS).map(({ name }): string => name);
  const wrong = pageNames().flatMap((page) =>
    metricsOn(read(page))
      .filter((name) => !names.includes(name))
      .map((name) => `${page}: \`${name}\` is not in src/contract/metrics.ts`),
  );
  expect(wrong).toEqual([]);
});

test('the page about operation lists every metric with its service', () => {
  const rows = read('docs/deploying.md').split('\n');
  const missing = Object.values(METRICS).filter(({ name, ...metric }) => {
    const service = 'service' in metric ? `\`${metric.service}\`` : 'the action';
    return !rows.some((row) => row.includes(`\`${name}\``) && row.split('|')[2]?.trim() === service);
  });
  expect(missing).toEqual([]);
});

test('a metric on a page that no function emits is found', () => {
  expect(metricsOn('| metric | service |\n|---|---|\n| `A`, `B` | `router` |\n\nthe metric `C` of `D`')).toEqual([
    'A',
    'B',
    'C',
  ]);
});
