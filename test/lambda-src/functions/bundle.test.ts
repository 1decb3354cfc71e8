import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tests the modules that a cold start must load. The bundles are built as for a release, but the files in lib/ are not changed. */

const ROOT = join(__dirname, '../../..');
const script = readFileSync(join(ROOT, 'scripts/build-runtime.mjs'), 'utf8');

interface Bundle {
  readonly bytes: number;
  /** Files of which the bundle contains at least a part. */
  readonly inputs: readonly string[];
}

/** Builds the functions in memory with the options of the release build. */
const BUILD = `
${script
  .slice(0, script.indexOf('const functions ='))
  .replace("join(dirname(fileURLToPath(import.meta.url)), '..')", JSON.stringify(ROOT))}
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

test.each(['router', 'submitter'])('the %s has at most 280,000 bytes', (name) => {
  expect(bundles[name].bytes).toBeGreaterThan(50_000);
  expect(bundles[name].bytes).toBeLessThanOrEqual(280_000);
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
