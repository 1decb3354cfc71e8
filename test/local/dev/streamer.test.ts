import { createRequire } from 'node:module';
import * as path from 'node:path';
import { StreamerClient } from 'cdk-streamer-client';
import WebSocket from 'ws';
import type { Snapshot } from '../../../local/console/types';
import { Dev } from './dev-process';
import { Project } from './support';

const ROOT = path.join(__dirname, '../../..');
const TSX = createRequire(__filename).resolve('tsx/cli');
const COMMAND = `"${process.execPath}" "${TSX}" --tsconfig "${path.join(ROOT, 'examples/reports/tsconfig.json')}" app.ts`;

const APP = `import { App, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import { issuer } from './lib/settings';

const stack = new Stack(new App(), 'Dev');
new StreamerApi(stack, 'Streamer', {
  projectRoot: __dirname,
  auth: StreamerAuth.jwt({ issuer, audience: ['dev'] }),
  handlers: {
    greet: StreamerHandler.sync('handlers/greet.ts'),
    report: StreamerHandler.async('handlers/report.ts'),
  },
});
`;

const greet = (text: string) => `import { defineHandler } from 'cdk-streamer/handler';
import { page } from '../lib/page';

export default defineHandler({ run: () => page('${text}') });
`;

const report = (body: string) => `import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { defineHandler } from 'cdk-streamer/handler';

export default defineHandler<{ gate?: string }>({
  async run({ input, log }) {
    if (input?.gate) log.info('waits at the gate');
    while (input?.gate && !existsSync(input.gate)) await setTimeout(20);
    ${body}
  },
});
`;

let project: Project;
let running: Dev;
let client: StreamerClient;

/** Returns all data of the console, as a page receives it when it connects. */
async function consoleSnapshot(): Promise<Snapshot> {
  const page = await fetch(`${await running.address('console')}/api/live`);
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of page.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const [, data] = /^event: snapshot\ndata: (.*)\n\n/m.exec(text) ?? [];
    if (data !== undefined) return JSON.parse(data) as Snapshot;
  }
  throw new Error(`the console sent no snapshot: ${text}`);
}

const invocationsOf = ({ functions }: Snapshot, name: string): number =>
  functions.find((each) => each.name === name)?.invocations ?? 0;

beforeAll(async () => {
  project = new Project();
  project.save('package.json', '{}');
  project.save('app.ts', APP);
  project.save('lib/settings.ts', `export const issuer = 'https://issuer.example.com/';\n`);
  project.save('lib/page.ts', 'export const page = (text: string) => ({ text });\n');
  project.save('handlers/greet.ts', greet('hello'));
  project.save('handlers/report.ts', report(`return 'old';`));
  running = new Dev(project, { app: COMMAND });
  const url = await running.address('WebSocket');
  const token = async () => {
    const [, address = ''] = (await running.address('tokens')).split(' ');
    const answer = await fetch(address, { method: 'POST', body: JSON.stringify({ sub: 'ann', tenant: 't' }) });
    return ((await answer.json()) as { token: string }).token;
  };
  client = new StreamerClient(url, { token, webSocket: WebSocket as never });
  await client.connect();
});

afterAll(async () => {
  client?.close();
  await running?.close();
  project?.remove();
});

test('a running request finishes with its old code, and the next one runs the saved code', async () => {
  const old = client.request('report', { gate: project.path('gate') });
  await running.line(/report +\[\S+\] waits at the gate/);
  project.save('handlers/report.ts', report(`return 'new';`));
  await running.line(/dev +report re-bundled in \d+ ms/);

  expect(await client.request('report', {})).toBe('new');
  project.save('gate', '');
  expect(await old).toBe('old');
});

test('a saved module of a sync handler replaces the code of the router, and the connection stays open', async () => {
  expect(await client.request('greet', {})).toEqual({ text: 'hello' });
  project.save('lib/page.ts', 'export const page = (text: string) => ({ text, page: 1 });\n');
  await running.line(/dev +Router re-bundled/);

  expect(await client.request('greet', {})).toEqual({ text: 'hello', page: 1 });
  expect(running.lines.filter((line) => line.includes('$connect'))).toHaveLength(1);
});

test('the console gets an example of an input from the saved schema', async () => {
  const address = await running.address('console');
  const example = async (action: string) => (await fetch(`${address}/api/example?action=${action}`)).json();
  expect(await example('greet')).toEqual({});
  const schema = `import * as v from 'valibot';\nconst input = v.object({ name: v.string() });\n`;
  project.save('handlers/greet.ts', schema + greet('hello').replace('{ run', '{ input, run'));
  expect(await example('greet')).toEqual({ input: { name: 'example' } });
  project.save('handlers/greet.ts', greet('hello'));
});

test('an error of an async handler is shown with the line of its source', async () => {
  project.save('handlers/report.ts', report(`throw new RangeError('out of paper');`));
  await running.line(/dev +report re-bundled/, 2);
  await expect(client.request('report', {}, { id: 'r-1' })).rejects.toMatchObject({ code: 'HANDLER_ERROR' });

  await running.line(/report +\[r-1\] the handler failed \(RangeError: out of paper\)/);
  await running.line(/^ +at .*\(?handlers\/report\.ts:9:11\)?$/);
});

test('an action that is added to the stack works after a save, and earlier requests continue', async () => {
  project.save('handlers/report.ts', report(`return 'kept';`));
  await running.line(/dev +report re-bundled/, 3);
  await client.request('report', {}, { id: 'kept' });

  const before = await consoleSnapshot();

  project.save('handlers/extra.ts', greet('extra').replace('../lib/page', '../lib/page'));
  project.save('app.ts', APP.replace('greet: ', "extra: StreamerHandler.sync('handlers/extra.ts'),\n    greet: "));
  await running.line(/dev +app\.ts saved: synthesizing again/);
  await running.line(/dev +changed: function \w+\/Router\b/);
  await running.line(/dev +applied in .* s; state and address are the same/);

  // the client reconnects automatically
  expect(await client.request('extra', {})).toMatchObject({ text: 'extra' });
  expect(await client.attach('report', { id: 'kept' })).toBe('kept');

  const after = await consoleSnapshot();
  expect(after.requests.slice(0, before.requests.length)).toEqual(before.requests);
  expect(after.samples).toEqual(expect.arrayContaining([...before.samples]));
  // the invocation may end after the result has arrived
  expect(invocationsOf(after, 'report')).toBeGreaterThanOrEqual(invocationsOf(before, 'report'));
  expect(after.run.startedAt).toBe(before.run.startedAt);
});

test('a stack that cannot be synthesized changes nothing until it is corrected', async () => {
  const broken = APP.replace('greet: ', "later: StreamerHandler.sync('handlers/later.ts'),\n    greet: ");
  project.save('app.ts', broken);
  await running.line(/dev +the run continues unchanged: the app failed with exit code 1/);
  expect(await client.request('greet', {})).toMatchObject({ text: 'hello' });

  project.save('handlers/later.ts', greet('later'));
  await running.line(/dev +applied in/, 2);
  expect(await client.request('later', {})).toMatchObject({ text: 'later' });
});
