import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** Rules for the imports of each folder. CONTRIBUTING.md describes them in "Where things are". */
const ROOT = join(__dirname, '../..');

interface Rule {
  readonly folder: string;
  readonly packages: RegExp;
  readonly folders: readonly string[];
}

/** Rule of an emulated service. It may import the parts that all services share, and the other services that are listed. */
function emulated(service: string, packages: RegExp, ...others: string[]): Rule {
  const folders = [service, 'http', 'state', 'types', ...others].map((name) => `local/emulator/${name}`);
  return { folder: `local/emulator/${service}`, packages, folders };
}

const RULES: readonly Rule[] = [
  { folder: 'src/contract', packages: /^$/, folders: ['src/contract'] },
  {
    folder: 'src',
    packages: /^(node:.*|fs|path|crypto|child_process|module|aws-cdk-lib(\/.*)?|constructs)$/,
    folders: ['src'],
  },
  {
    folder: 'src/bundling',
    packages: /^(node:.*|aws-cdk-lib(\/.*)?|constructs)$/,
    folders: ['bundling', 'contract', 'options', 'validation', 'settings'].map((name) => `src/${name}`),
  },
  { folder: 'lambda-src/core', packages: /^$/, folders: ['lambda-src/core', 'lambda-src/protocol', 'src/contract'] },
  { folder: 'lambda-src/protocol', packages: /^valibot$/, folders: ['lambda-src/protocol', 'protocol'] },
  { folder: 'lambda-src/handler', packages: /^$/, folders: ['lambda-src/handler'] },
  {
    folder: 'lambda-src/flows',
    packages: /^(node:crypto|node:util|aws-lambda)$/,
    folders: ['lambda-src/flows', 'lambda-src/core', 'lambda-src/protocol', 'lambda-src/handler', 'src/contract'],
  },
  {
    folder: 'lambda-src',
    packages:
      /^(node:.*|@aws-sdk\/.*|@smithy\/signature-v4|@aws-lambda-powertools\/.*|aws-jwt-verify(\/.*)?|aws-lambda|valibot)$/,
    folders: ['lambda-src', 'src/contract', 'protocol'],
  },
  { folder: 'local', packages: /^$/, folders: [] },
  { folder: 'local/bundling', packages: /^(node:.*|typescript)$/, folders: ['local/bundling', 'local/dev/esbuild'] },
  {
    folder: 'local/dev',
    packages: /^(node:.*|@jridgewell\/trace-mapping)$/,
    folders: [
      ...['local/dev', 'local/run', 'local/bundling', 'local/emulator/lambda', 'local/emulator/types'],
      'src/contract',
    ],
  },
  // The emulator does not depend on the application that it runs. A service depends on another one only if it does so on AWS.
  { folder: 'local/emulator', packages: /^$/, folders: [] },
  { folder: 'local/emulator/assembly', packages: /^node:.*$/, folders: ['local/emulator/assembly'] },
  {
    folder: 'local/emulator/http',
    packages: /^(node:.*|@smithy\/signature-v4)$/,
    folders: ['local/emulator/http', 'local/emulator/types'],
  },
  { folder: 'local/emulator/state', packages: /^node:.*$/, folders: ['local/emulator/state'] },
  { folder: 'local/emulator/text', packages: /^node:.*$/, folders: ['local/emulator/text'] },
  emulated('chaos', /^$/),
  emulated('dynamodb', /^(node:.*|dynalite\/.*)$/),
  emulated('eventbridge', /^node:.*$/, 'lambda/event-sources'),
  emulated('lambda', /^node:.*$/),
  emulated('lambda/api', /^node:.*$/, 'lambda'),
  emulated('lambda/event-sources', /^node:.*$/, 'sqs'),
  emulated('oidc-issuer', /^(node:.*|selfsigned)$/),
  emulated('s3', /^node:.*$/),
  emulated('scheduler', /^node:.*$/),
  emulated('secrets-manager', /^node:.*$/),
  emulated('sqs', /^node:.*$/),
  emulated('websocket-api', /^(node:.*|ws)$/),
  // the operations on requests, which run on the developer's machine with the code that runs in functions
  {
    folder: 'local/operations',
    packages: /^@aws-sdk\/client-dynamodb$/,
    folders: [
      'local/operations',
      ...['flows/operations', 'aws/dynamodb', 'runtime/platform'].map((name) => `lambda-src/${name}`),
      ...['local/emulator/http', 'src/contract'],
    ],
  },
  {
    folder: 'local/run',
    packages: /^(node:.*|picocolors|@jridgewell\/trace-mapping)$/,
    folders: [
      ...['local/run', 'local/emulator', 'local/console', 'local/operations'],
      ...['lambda-src/core/redact', 'src/contract', 'protocol'],
    ],
  },
  {
    folder: 'local/console',
    packages: /^node:.*$/,
    folders: [
      ...['local/console', 'local/operations'],
      ...['http', 'lambda', 'sqs', 'state', 'types', 'websocket-api'].map((name) => `local/emulator/${name}`),
      'src/contract',
      'protocol',
    ],
  },
  // The page may import the names that it shares with its server, and nothing else of the run.
  {
    folder: 'local/console/web',
    packages: /^(react|react-dom\/client)$/,
    folders: ['local/console/web', 'local/console/types', 'local/console/contains-words', 'protocol'],
  },
  // The command line is a client, too. It reads the types of actions with the project's own TypeScript.
  {
    folder: 'local/cli',
    packages: /^(node:.*|ws|picocolors|typescript)$/,
    folders: [
      ...['local/cli', 'local/dev', 'local/operations', 'local/run'],
      ...['assembly', 'chaos', 'state', 'text', 'types'].map((name) => `local/emulator/${name}`),
      ...['client-sdks/typescript/src', 'src/contract'],
    ],
  },
  // A test runs a handler with the same code as a function does. It may use nothing that needs AWS.
  {
    folder: 'testing',
    packages: /^(node:.*|ws)$/,
    folders: [
      'testing',
      'src/contract',
      ...['handler', 'core', 'protocol', 'flows', 'runtime/platform'].map((name) => `lambda-src/${name}`),
      ...['run', 'console/dynamo', 'emulator/chaos'].map((name) => `local/${name}`),
      'client-sdks/typescript/src',
    ],
  },
  {
    folder: 'client-sdks/typescript/src/server',
    packages: /^(@aws-sdk\/client-(lambda|sqs)|node:crypto)$/,
    folders: ['client-sdks/typescript/src', 'protocol'],
  },
  { folder: 'client-sdks/typescript/src/react', packages: /^react$/, folders: ['client-sdks/typescript/src'] },
  { folder: 'client-sdks/typescript/src', packages: /^$/, folders: ['client-sdks/typescript/src', 'protocol'] },
  // A script bundles these modules to test another version of the CDK.
  { folder: 'test/apps', packages: /^(aws-cdk-lib(\/.*)?|constructs|cdk-streamer)$/, folders: ['test/apps'] },
];

function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/(^|\/)(node_modules|dist)\//.test(file))
    .map((file) => join(folder, file));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|\bimport\('([^']+)'\)|\brequire\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? match[4]);
}

const under = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

function offence(file: string, imported: string, rule: (typeof RULES)[number]): string | undefined {
  if (!imported.startsWith('.')) return rule.packages.test(imported) ? undefined : `${file} imports ${imported}`;
  const target = relative(ROOT, resolve(ROOT, dirname(file), imported))
    .split(sep)
    .join('/');
  return rule.folders.some((folder) => under(target, folder)) ? undefined : `${file} imports ${target}`;
}

test.each(RULES.map((rule) => [rule.folder, rule] as const))('%s imports only what its rule allows', (folder, rule) => {
  const nested = RULES.map((other) => other.folder).filter((other) => other !== folder && under(other, folder));
  const files = filesOf(folder).filter((file) => !nested.some((inner) => under(file, inner)));
  expect(filesOf(folder).length).toBeGreaterThan(0);
  const offences = files.flatMap((file) => importsOf(file).map((imported) => offence(file, imported, rule)));
  expect(offences.filter(Boolean)).toEqual([]);
});

test('the emulator does not name Streamer, in code, messages or comments', () => {
  const files = filesOf('local/emulator');
  expect(files.filter((file) => /streamer/i.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});

test('a forbidden import is found', () => {
  const [contract] = RULES;
  expect(offence('src/contract/env.ts', 'aws-cdk-lib', contract)).toBeDefined();
  expect(offence('src/contract/env.ts', '../../lambda-src/core/keys', contract)).toBeDefined();
});
