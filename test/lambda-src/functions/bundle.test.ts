import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Tests the modules that a cold start must load. The bundles are built as for a release, but the files in lib/ are not changed. */

const ROOT = join(__dirname, '../../..');

interface Bundle {
  readonly bytes: number;
  /** Files of which the bundle contains at least a part. */
  readonly inputs: readonly string[];
}

/** Builds the functions in memory with the options of the release build. */
const BUILD = `
import { build } from 'esbuild';
import { lambdaOptions } from './scripts/lambda-bundles.mjs';
const lambda = lambdaOptions(${JSON.stringify(ROOT)});
const bundles = {};
for (const name of ['router', 'processor', 'submitter', 'isolated', 'remote', 'heartbeat', 'authorizer', 'visitors', 'dispatcher', 'sweeper', 'announcer', 'webhook']) {
  const entryPoints = ['lambda-src/functions/' + name + '.ts'];
  const { metafile, outputFiles } = await build({ ...lambda, entryPoints, write: false, outfile: name + '.js' });
  const [{ inputs }] = Object.values(metafile.outputs);
  const carried = Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0);
  bundles[name] = { bytes: outputFiles[0].contents.length, inputs: carried };
}
process.stdout.write(JSON.stringify(bundles));
`;

let bundles: Record<string, Bundle>;
beforeAll(() => {
  const args = ['--input-type=module', '-'];
  bundles = JSON.parse(
    execFileSync(process.execPath, args, { cwd: ROOT, input: BUILD, encoding: 'utf8', maxBuffer: 2 ** 24 }),
  );
});

const packagesOf = (name: string) =>
  new Set(bundles[name].inputs.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));

test.each(['router', 'submitter'])('the %s has at most 272,500 bytes', (name) => {
  expect(bundles[name].bytes).toBeGreaterThan(50_000);
  expect(bundles[name].bytes).toBeLessThanOrEqual(272_500);
});

test.each([
  'router',
  'processor',
  'submitter',
  'heartbeat',
  'dispatcher',
  'sweeper',
  'announcer',
  'webhook',
])('the %s contains no credential provider of the SDK except the one for environment variables', (name) => {
  const packages = [...packagesOf(name)];

  expect(packages).toContain('@aws-sdk/credential-provider-env');
  for (const part of ['sso', 'ini', 'process', 'login', 'node', 'http', 'web-identity']) {
    expect(packages).not.toContain(`@aws-sdk/credential-provider-${part}`);
  }
  expect(packages).not.toContain('@aws-sdk/nested-clients');
});

test.each(['router', 'submitter'])('the %s contains no client that it has no permission to use', (name) => {
  expect(packagesOf(name)).toContain('@aws-sdk/client-dynamodb');
  expect(packagesOf(name)).not.toContain('@aws-sdk/client-apigatewaymanagementapi');
  expect(packagesOf(name)).not.toContain('@aws-sdk/client-sqs');
  expect(bundles[name].inputs.filter((file) => file.startsWith('lambda-src/flows/viewers/'))).toEqual([]);
});

test.each(['authorizer', 'isolated', 'remote'])('the %s contains no client at all', (name) => {
  expect([...packagesOf(name)].filter((found) => found.startsWith('@aws-sdk/'))).toEqual([]);
});

test('code that invokes functions adds at most 40 KB to a router, and nothing to one that invokes none', () => {
  expect(bundles.remote.bytes).toBeLessThanOrEqual(40 * 1024);
  expect(bundles.router.inputs).not.toContain('lambda-src/aws/lambda-invoke.ts');
});

test('the authorizer of visitors is at most 10 KB', () => {
  expect(bundles.visitors.bytes).toBeLessThanOrEqual(10 * 1024);
  expect(bundles.visitors.bytes).toBeGreaterThan(1_000);
});

test.each([
  'router',
  'processor',
  'isolated',
  'remote',
  'heartbeat',
  'authorizer',
  'visitors',
  'dispatcher',
  'sweeper',
  'announcer',
  'webhook',
])('the %s imports nothing of the construct or the local run', (name) => {
  const own = bundles[name].inputs.filter((file) => !file.includes('node_modules'));

  expect(own).toContain(`lambda-src/functions/${name}.ts`);
  expect(own.filter((file) => !/^(lambda-src|src\/contract|protocol)\//.test(file))).toEqual([]);
});

/** Prints what an error of each class of a client looks like, and how the classes are related. */
const ERRORS = `
import { build } from 'esbuild';
import { lambdaOptions } from './scripts/lambda-bundles.mjs';
const contents = \`
  import * as sqs from '@aws-sdk/client-sqs/dist-es/models/errors.js';
  import * as dynamodb from '@aws-sdk/client-dynamodb/dist-es/models/errors.js';
  import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb/dist-es/models/DynamoDBServiceException.js';
  const options = { message: 'm', $metadata: { attempts: 1 }, Item: { a: { S: 'b' } }, CancellationReasons: [{ Code: 'None' }] };
  const shown = ([name, Made]) => {
    const error = new Made(options);
    const others = Object.entries(dynamodb).filter(([, Other]) => error instanceof Other).map(([other]) => other);
    return [name, { ...error, message: error.message, isBase: error instanceof DynamoDBServiceException, isError: error instanceof Error, others }];
  };
  process.stdout.write(JSON.stringify([dynamodb, sqs].map((errors) => Object.entries(errors).map(shown))));
\`;
const options = { ...lambdaOptions(${JSON.stringify(ROOT)}), stdin: { contents, resolveDir: ${JSON.stringify(ROOT)} }, write: false };
const built = [];
for (const plugins of [options.plugins, []]) built.push((await build({ ...options, plugins })).outputFiles[0].text);
process.stdout.write(JSON.stringify(built));
`;

test('the shortened error classes of the SDK behave as the originals, and are shorter', () => {
  const node = (args: string[], input: string): string =>
    execFileSync(process.execPath, args, { cwd: ROOT, input, encoding: 'utf8', maxBuffer: 2 ** 24 });
  const [short, long] = JSON.parse(node(['--input-type=module', '-'], ERRORS)) as string[];
  const [ours, original] = [short, long].map((text) => JSON.parse(node(['-'], text)));

  expect(original.flat().length).toBeGreaterThan(50);
  expect(ours).toEqual(original);
  expect(short.length).toBeLessThan(long.length / 2);
});
