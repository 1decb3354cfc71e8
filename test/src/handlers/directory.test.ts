import * as path from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HandlerMode, StreamerHandler } from '../../../src';
import { RouterHandler } from '../../../src/handlers/kinds/router';
import { auth, build } from '../support/apps';
import { HANDLERS, makeProject } from '../support/project';
import { functionOf } from '../support/readable';

const handler = 'export default { run: async () => 1 };';
const FILES = {
  'package.json': '{}',
  'handlers/echo.sync.ts': handler,
  'handlers/report.ts': handler,
  'handlers/report.schema.ts': HANDLERS['handlers/report.schema.ts'],
  'handlers/export.async.mjs': handler,
  'handlers/report.test.ts': 'test',
  'handlers/types.d.ts': 'export type A = 1;',
  'handlers/_shared.ts': 'export const a = 1;',
  'handlers/.hidden.ts': 'export const a = 1;',
  'handlers/readme.md': '# no module',
  'handlers/lib/tool.ts': 'export const a = 1;',
};
const kinds = (handlers: Record<string, StreamerHandler>) =>
  Object.fromEntries(Object.entries(handlers).map(([action, { _kind }]) => [action, _kind instanceof RouterHandler]));

test('each module of a folder is a handler, named by its file; other files are left out', () => {
  const projectRoot = makeProject(FILES);
  expect(kinds(StreamerHandler.fromDirectory('handlers', { projectRoot }))).toEqual({
    echo: true,
    export: false,
    report: false,
  });
  const sync = StreamerHandler.fromDirectory(path.join(projectRoot, 'handlers'), { mode: HandlerMode.SYNC });
  expect(kinds(sync)).toEqual({ echo: true, export: false, report: true });
});

test('handlers of a folder get the options of their mode, and an API serves them', () => {
  const projectRoot = makeProject(FILES);
  const handlers = StreamerHandler.fromDirectory('handlers', {
    projectRoot,
    asyncOptions: { timeout: Duration.seconds(30) },
    syncOptions: { isolated: true, memorySize: 256 },
  });
  const { app, stack } = build({ auth, projectRoot, handlers }, {});
  expect(() => app.synth()).not.toThrow();
  const template = Template.fromStack(stack);
  expect(functionOf(template, 'Processorsreport').Properties.Timeout).toBe(35);
  expect(functionOf(template, 'Isolatedecho').Properties.MemorySize).toBe(256);
});

test.each<[what: string, files: Record<string, string>, directory: unknown, message: string]>([
  ['a folder that is missing', {}, 'handler', "`directory` must name a folder, got: 'handler (resolved to /"],
  ['a file', { 'a.ts': handler }, 'a.ts', '`directory` must name a folder'],
  ['no path', {}, 5, '`directory` must be the path of a folder, got: 5'],
  ['an empty folder', { 'h/a.md': '' }, 'h', '`directory` must contain at least one handler module'],
  ['two files of one action', { 'h/a.ts': handler, 'h/a.sync.ts': handler }, 'h', "got: 'a.sync.ts, a.ts'"],
])('%s is refused', (_what, files, directory, message) => {
  const projectRoot = makeProject({ 'package.json': '{}', ...files });
  expect(() => StreamerHandler.fromDirectory(directory as string, { projectRoot })).toThrow(message);
});
