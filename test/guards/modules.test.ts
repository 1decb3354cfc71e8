import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasNothingToRun, reaches, testsIn, testsOf } from './support/modules';
import { exists, modulesOf, ROOT, read } from './support/sources';

/**
 * Each source module has a test module at the same place below `test/`. A module that holds types or re-exports only has none. What is
 * tested from elsewhere stands here, with the test that does it: parts of the construct by the templates that they end in, rules of props
 * by the messages of wrong uses, steps of a flow by the flow, states of the client by its machine.
 */
const FOLDERS = ['lambda-src/core', 'lambda-src/flows', 'src', 'client-sdks/typescript/src'];

const ELSEWHERE: Readonly<Record<string, string>> = {
  'lambda-src/flows/attempt-log.ts': 'test/lambda-src/flows/reporter.test.ts',
  'lambda-src/flows/attempt-progress.ts': 'test/lambda-src/flows/reporter.test.ts',
  'lambda-src/flows/attempt.ts': 'test/lambda-src/flows/process.test.ts',
  'lambda-src/core/topic-log.ts': 'test/lambda-src/flows/topics.test.ts',
  'lambda-src/flows/delivery.ts': 'test/lambda-src/flows/viewers.test.ts',
  'lambda-src/flows/isolated.ts': 'test/lambda-src/flows/remote.test.ts',
  'lambda-src/flows/moment.ts': 'test/lambda-src/flows/accept.test.ts',
  'lambda-src/flows/outcome.ts': 'test/lambda-src/flows/process.test.ts',
  'lambda-src/flows/progress-pump.ts': 'test/lambda-src/flows/reporter.test.ts',
  'lambda-src/flows/store-request.ts': 'test/lambda-src/flows/accept.test.ts',
  'lambda-src/flows/submit.ts': 'test/lambda-src/flows/answer-submission.test.ts',
  'lambda-src/flows/sync-run.ts': 'test/lambda-src/flows/route.test.ts',
  'lambda-src/flows/turns.ts': 'test/lambda-src/flows/reporter.test.ts',
  'lambda-src/flows/fan-out.ts': 'test/lambda-src/flows/notify.test.ts',
  'lambda-src/flows/keep-hidden.ts': 'test/lambda-src/flows/notify.test.ts',
  'lambda-src/flows/slots.ts': 'test/lambda-src/flows/notify.test.ts',
  'lambda-src/flows/last-progress.ts': 'test/lambda-src/flows/attach.test.ts',
  'lambda-src/flows/viewer-line.ts': 'test/lambda-src/flows/viewers.test.ts',
  'src/options/streamer-handler-options.ts': 'test/src/validation.test.ts',
  'src/options/streamer-topic.ts': 'test/src/parts/notifier.test.ts',
  'src/options/streamer-webhook.ts': 'test/src/parts/announcer.test.ts',
  'src/parts/access-log.ts': 'test/src/streamer-api.test.ts',
  'src/handlers/actions.ts': 'test/src/add-handler.test.ts',
  'src/parts/authorizer.ts': 'test/src/streamer-api.test.ts',
  'src/parts/cloud-watch-role.ts': 'test/src/streamer-api.test.ts',
  'src/parts/dispatcher.ts': 'test/src/streamer-api.test.ts',
  'src/handlers/function-names.ts': 'test/src/handlers/handler-functions.test.ts',
  'src/handlers/isolated.ts': 'test/src/streamer-api.test.ts',
  'src/handlers/processor.ts': 'test/src/streamer-api.test.ts',
  'src/parts/router.ts': 'test/src/streamer-api.test.ts',
  'src/parts/sweeper.ts': 'test/src/streamer-api.test.ts',
  'src/parts/visitors-authorizer.ts': 'test/src/options/streamer-auth.test.ts',
  'src/parts/webhook.ts': 'test/src/parts/announcer.test.ts',
  'src/validation/access-log-variables.ts': 'test/src/parts/websocket-api.test.ts',
  'src/grants/nag.ts': 'test/src/nag.test.ts',
  'src/parts/announcements.ts': 'test/src/parts/announcer.test.ts',
  'src/bundling/assets.ts': 'test/src/bundling/bundling-options.test.ts',
  'src/bundling/bundle-folder.ts': 'test/src/bundling/bundling-options.test.ts',
  'src/bundling/bundle.ts': 'test/src/bundling/bundling-options.test.ts',
  'src/bundling/errors.ts': 'test/src/bundling/packages/checks.test.ts',
  'src/bundling/esbuild/output.ts': 'test/src/bundling/bundling-options.test.ts',
  'src/bundling/esbuild/loaders.ts': 'test/src/bundling/bundling-options.test.ts',
  'src/bundling/packages/lock-file.ts': 'test/src/bundling/packages/node-modules.test.ts',
  'src/bundling/packages/names.ts': 'test/src/bundling/packages/checks.test.ts',
  'src/handlers/definitions.ts': 'test/src/streamer-api.test.ts',
  'src/bundling/deferred-code.ts': 'test/src/add-handler.test.ts',
  'src/bundling/entry.ts': 'test/src/bundling/bundles.test.ts',
  'src/bundling/esbuild/options.ts': 'test/src/bundling/bundles.test.ts',
  'src/bundling/esbuild/run.ts': 'test/src/bundling/bundles.test.ts',
  'src/validation/function-options.ts': 'test/src/wrong-uses.test.ts',
  'src/grants/publish.ts': 'test/src/parts/notifier.test.ts',
  'src/grants/submit.ts': 'test/src/parts/submitter.test.ts',
  'src/bundling/handler-bundles.ts': 'test/src/bundling/bundles.test.ts',
  'src/handlers/handler-definitions.ts': 'test/src/wrong-uses.test.ts',
  'src/bundling/handler-modules.ts': 'test/src/wrong-uses.test.ts',
  'src/handlers/handlers.ts': 'test/src/wrong-uses.test.ts',
  'src/parts/queue.ts': 'test/src/streamer-api.test.ts',
  'src/bundling/schema-modules.ts': 'test/src/wrong-uses.test.ts',
  'src/settings.ts': 'test/src/streamer-api.test.ts',
  'src/handlers/stack-size.ts': 'test/src/handlers/handler-stacks.test.ts',
  'src/streamer-api-base.ts': 'test/src/imported-api.test.ts',
  'src/parts/streamer-function.ts': 'test/src/streamer-api.test.ts',
  'src/handlers/sync-timeout.ts': 'test/src/handlers/handler-functions.test.ts',
  'src/validation/token-length.ts': 'test/src/validation/environment-size.test.ts',
  'src/grants/environment.ts': 'test/src/parts/submitter.test.ts',
  'src/parts/topic-rules.ts': 'test/src/parts/notifier.test.ts',
  'src/validation/rules.ts': 'test/src/wrong-uses.test.ts',
  'src/validation/webhook.ts': 'test/src/parts/announcer.test.ts',
  'src/stores/check-tables.ts': 'test/src/streamer-tables.test.ts',
  'src/stores/connections.ts': 'test/src/grants.test.ts',
  'src/stores/events.ts': 'test/src/grants.test.ts',
  'src/stores/index.ts': 'test/src/grants.test.ts',
  'src/stores/requests.ts': 'test/src/grants.test.ts',
  'src/stores/store.ts': 'test/src/grants.test.ts',
  'src/stores/subscriptions.ts': 'test/src/grants.test.ts',
  'src/stores/validate-tables.ts': 'test/src/streamer-tables.test.ts',
  'src/streamer-action.ts': 'test/src/streamer-api.test.ts',
  'client-sdks/typescript/src/connection.ts': 'test/client-sdks/typescript/client.connection.test.ts',
  'client-sdks/typescript/src/handshake.ts': 'test/client-sdks/typescript/client.connection.test.ts',
  'client-sdks/typescript/src/live-publish.ts': 'test/client-sdks/typescript/topics.test.ts',
  'client-sdks/typescript/src/live-request.ts': 'test/client-sdks/typescript/client.test.ts',
  'client-sdks/typescript/src/live-topic.ts': 'test/client-sdks/typescript/topics.test.ts',
  'client-sdks/typescript/src/log-rules.ts': 'test/client-sdks/typescript/request-machine.test.ts',
  'client-sdks/typescript/src/repeated.ts': 'test/client-sdks/typescript/topics.test.ts',
  'client-sdks/typescript/src/request-state.ts': 'test/client-sdks/typescript/request-machine.test.ts',
  'client-sdks/typescript/src/session.ts': 'test/client-sdks/typescript/client.test.ts',
  'client-sdks/typescript/src/topic-log.ts': 'test/client-sdks/typescript/topic-machine.test.ts',
  'client-sdks/typescript/src/topic-session.ts': 'test/client-sdks/typescript/topics.test.ts',
  'client-sdks/typescript/src/topic-state.ts': 'test/client-sdks/typescript/topic-machine.test.ts',
};

const tests = modulesOf('test');

const untested = FOLDERS.flatMap((folder) => modulesOf(folder))
  .filter((module) => !hasNothingToRun(read(module)))
  .filter((module) => testsOf(module, tests).length === 0);

test('every module of the core, the flows, the construct and the client has a test module', () => {
  const missing = untested.filter((module) => !(module in ELSEWHERE));
  expect(missing.map((module) => `${module}: no test module`)).toEqual([]);
});

test('every part of the local run has tests', () => {
  const parts = readdirSync(join(ROOT, 'local'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `local/${name}`);
  expect(parts.filter((part) => testsIn(part, tests).length === 0)).toEqual([]);
});

test('what is tested elsewhere has no test module of its own, and the test that does it loads it', () => {
  expect(Object.keys(ELSEWHERE).filter((module) => !untested.includes(module))).toEqual([]);
  const text = (file: string) => (exists(file) ? read(file) : undefined);
  const stale = Object.entries(ELSEWHERE).filter(([module, by]) => !exists(by) || !reaches(by, module, text));
  expect(stale).toEqual([]);
});

test('a module without a test is told from one that needs none', () => {
  expect(testsOf('src/private/a.ts', ['test/src/private/ab.test.ts', 'test/src/private/b.test.ts'])).toEqual([]);
  expect(testsOf('client-sdks/typescript/src/a.ts', ['test/client-sdks/typescript/a.model.test.ts'])).toHaveLength(1);
  expect(hasNothingToRun("import { a } from './a';\nexport interface B { a: typeof a }\nexport * from './c';")).toBe(
    true,
  );
  expect(hasNothingToRun('export interface B {}\nexport const c = 1;')).toBe(false);
});

test('a test reaches what it imports, itself or by others', () => {
  const files: Record<string, string> = {
    'test/a.test.ts': "import { b } from '../src/b';",
    'src/b.ts': "export * from './c';",
    'src/c/index.ts': '',
    'src/d.ts': '',
    'test/e.test.ts': "import { Client } from 'cdk-streamer-client';",
    'client-sdks/typescript/src/index.ts': '',
  };
  const text = (file: string) => files[file];
  expect(reaches('test/a.test.ts', 'src/c/index.ts', text)).toBe(true);
  expect(reaches('test/a.test.ts', 'src/d.ts', text)).toBe(false);
  expect(reaches('test/e.test.ts', 'client-sdks/typescript/src/index.ts', text)).toBe(true);
});
