import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import { type CliProcess, PublishedCli, ROOT } from './support';

const cli = new PublishedCli();
const HANDLERS = { echo: StreamerHandler.sync('handlers/echo.ts'), steps: StreamerHandler.async('handlers/steps.ts') };

/** A separate project whose app runs locally. */
class Project {
  public readonly folder = mkdtempSync(path.join(cli.folder, 'project-'));
  private dev: CliProcess | undefined;

  public constructor(private readonly auth: StreamerAuth) {}

  public async start(): Promise<void> {
    const app = new App({ outdir: path.join(this.folder, 'cdk.out') });
    const projectRoot = path.join(ROOT, 'test/e2e/fixture');
    new StreamerApi(new Stack(app, 'Project'), 'Streamer', { projectRoot, auth: this.auth, handlers: HANDLERS });
    app.synth();
    this.dev = cli.run(['dev', 'cdk.out', '--port', '0', '--no-watch'], this.folder);
    await this.dev.line(/Ctrl-C ends the run/);
  }

  public url(): Promise<string> {
    return (this.dev as CliProcess).url();
  }

  public run(args: string[], stdin?: string): CliProcess {
    return cli.run(args, this.folder, stdin);
  }

  public async stop(): Promise<void> {
    this.dev?.child.kill('SIGINT');
    await this.dev?.ended;
  }
}

const jwt = new Project(
  StreamerAuth.jwt({ issuer: 'https://issuer.example.com/', audience: ['cli'], tenantClaim: 'tenant' }),
);
const open = new Project(StreamerAuth.none());

beforeAll(() => Promise.all([jwt.start(), open.start()]));
afterAll(async () => {
  await Promise.all([jwt.stop(), open.stop()]);
  cli.killAll();
  cli.remove();
});

test('stdout contains only the result of a request, as JSON', async () => {
  const request = jwt.run(['request', 'echo', '{"text":"hello"}', '--user', 'ann', '--tenant', 'acme']);

  expect(await request.ended).toBe(0);
  expect(JSON.parse(request.stdout.join(''))).toEqual({ text: 'hello', user: 'ann', tenant: 'acme' });
  expect(request.stderr).toEqual([expect.stringMatching(/^request [\w-]{36}$/)]);
});

test('progress and events are on stderr', async () => {
  const request = jwt.run(['request', 'steps', '{"steps":2,"stepMs":150}', '--id', 'watched']);

  expect(await request.ended).toBe(0);
  expect(JSON.parse(request.stdout.join(''))).toMatchObject({ steps: 2 });
  expect(request.stderr).toEqual([
    'request watched',
    'step {"step":1,"attempt":1}',
    '50 % step 1',
    'step {"step":2,"attempt":1}',
    '100 % step 2',
  ]);
});

test('with --json, a program reads one line of JSON per event', async () => {
  const request = jwt.run(['request', 'steps', '{"steps":1,"stepMs":100}', '--id', 'lines', '--json']);

  expect(await request.ended).toBe(0);
  expect(request.stderr).toEqual([]);
  expect(request.stdout.map((line) => JSON.parse(line))).toEqual([
    { type: 'request', id: 'lines' },
    { type: 'event', name: 'step', data: { step: 1, attempt: 1 }, offset: 1 },
    { type: 'progress', percentage: 100, message: 'step 1', run: 1, attempt: 1 },
    { type: 'result', result: { steps: 1, attempt: 1, padding: '' } },
  ]);
});

test('the input comes from a file or from stdin', async () => {
  writeFileSync(path.join(jwt.folder, 'input.json'), '{"text":"of a file"}');
  const fromFile = jwt.run(['request', 'echo', '@input.json']);
  const fromStdin = jwt.run(['request', 'echo', '-'], '{"text":"piped"}');

  expect([await fromFile.ended, await fromStdin.ended]).toEqual([0, 0]);
  expect(JSON.parse(fromFile.stdout.join(''))).toMatchObject({ text: 'of a file', user: 'local-user' });
  expect(JSON.parse(fromStdin.stdout.join(''))).toMatchObject({ text: 'piped' });
});

test.each([
  [['request', 'echo', '{text}'], /^error: the input must be JSON, such as/],
  [['request'], /^error: expected an action/],
])('%j ends with exit code 2', async (args, message) => {
  const request = jwt.run(args);

  expect(await request.ended).toBe(2);
  expect(request.stderr[0]).toMatch(message);
  expect(request.stderr[1]).toBe(`npx cdk-streamer ${args[0]} --help lists the options`);
  expect(request.stdout).toEqual([]);
});

test('a request that fails ends with exit code 1 and the reason', async () => {
  const shown = jwt.run(['request', 'steps', '{"steps":1,"failOn":[1],"failWith":"shown"}']);
  const refused = jwt.run(['request', 'steps', '{"steps":0}']);
  const unknown = jwt.run(['request', 'stepz', '--json']);
  const told = jwt.run(['request', 'stepz']);

  expect(await Promise.all([shown.ended, refused.ended, unknown.ended, told.ended])).toEqual([1, 1, 1, 1]);
  expect(shown.stderr.at(-1)).toBe('error: NO_DATA: There is no data for that month.');
  expect(refused.stderr.join('\n')).toMatch(/error: INVALID_INPUT: [\s\S]*"path": "steps"/);
  const hint = "the app's actions: echo, steps";
  expect(JSON.parse(unknown.stdout.at(-1) ?? '')).toMatchObject({
    type: 'error',
    error: { code: 'UNKNOWN_ACTION' },
    hint,
  });
  expect(told.stderr.slice(-2)).toEqual(['error: UNKNOWN_ACTION: There is no action stepz.', hint]);
});

test('the error that a handler threw is shown with its position and the address of the console', async () => {
  const request = jwt.run(['request', 'steps', '{"steps":1,"failOn":[1,2,3]}', '--id', 'thrown']);

  expect(await request.ended).toBe(1);
  const at = request.stderr.indexOf('error: HANDLER_ERROR: The handler failed.');
  expect(request.stderr.slice(at + 1)).toEqual([
    expect.stringMatching(/^ {2}Error: secret: \[redacted\] host is db-17.internal$/),
    expect.stringMatching(/^ {4}at .+:\d+:\d+\)?$/),
    '{',
    '  "attempt": 3',
    '}',
    expect.stringMatching(/^ {2}http:\/\/127\.0\.0\.1:\d+\/_console\/#\/requests\?q=thrown$/),
  ]);
});

test('Ctrl-C ends the command and prints how to attach, which then works', async () => {
  const request = jwt.run(['request', 'steps', '{"steps":8,"stepMs":100}', '--id', 'left']);
  await request.line(/^step /);
  request.child.kill('SIGINT');

  expect(await request.ended).toBe(130);
  expect(request.stdout).toEqual([]);
  expect(request.stderr.slice(-2)).toEqual([
    'interrupted: the request continues. To see its result: npx cdk-streamer attach left',
    'To stop it: npx cdk-streamer cancel left',
  ]);

  const attach = jwt.run(['attach', 'left']);
  expect(await attach.ended).toBe(0);
  expect(attach.stderr.filter((line) => line.startsWith('step '))).toHaveLength(8);
  expect(JSON.parse(attach.stdout.join(''))).toMatchObject({ steps: 8 });
});

test('the command ends when the time of --timeout is over', async () => {
  const request = jwt.run(['request', 'steps', '{"steps":30,"stepMs":100}', '--id', 'late', '--timeout', '1']);

  expect(await request.ended).toBe(124);
  expect(request.stderr.at(-2)).toBe(
    'timed out: the request continues. To see its result: npx cdk-streamer attach late',
  );
});

test('cancel stops a request that runs, for those who wait for it, and leaves one that has ended', async () => {
  const request = jwt.run(['request', 'steps', '{"steps":100,"stepMs":100}', '--id', 'stopped']);
  await request.line(/^step /);
  const cancel = jwt.run(['cancel', 'stopped', '--reason', 'enough']);

  expect(await cancel.ended).toBe(0);
  expect(cancel.stdout).toEqual(['stopped is being cancelled: its handler was notified']);
  expect(await request.ended).toBe(1);
  expect(request.stderr.join('\n')).toContain(
    'error: CANCELLED: The request was cancelled.\n{\n  "reason": "enough"\n}',
  );
  const again = jwt.run(['cancel', 'stopped', '--json']);
  expect(await again.ended).toBe(0);
  expect(again.stdout).toEqual(['{"id":"stopped","status":"CANCELLED","run":1}']);
});

test('cancel fails for a request that the user does not have', async () => {
  const cancel = jwt.run(['cancel', 'nobody']);

  expect(await cancel.ended).toBe(1);
  expect(cancel.stderr).toEqual(['error: NOT_FOUND: There is no request nobody of this user.']);
});

test('an address without a server is not attempted any more after --timeout', async () => {
  const request = jwt.run(['request', 'echo', '--url', 'ws://127.0.0.1:1/v1', '--token', 'x', '--timeout', '1']);
  const asJson = jwt.run(['attach', 'a', '--url', 'ws://127.0.0.1:1/v1', '--token', 'x', '--timeout', '1', '--json']);

  expect([await request.ended, await asJson.ended]).toEqual([124, 124]);
  expect(request.stderr.at(-1)).toBe('timed out: nothing answers at ws://127.0.0.1:1/v1');
  expect(JSON.parse(asJson.stdout.at(-1) ?? '')).toEqual({
    type: 'note',
    message: 'timed out: nothing answers at ws://127.0.0.1:1/v1',
  });
});

test('if the reader of its output ends, the command ends without an error', async () => {
  const request = jwt.run(['request', 'steps', '{"steps":20,"stepMs":50}', '--json']);
  await request.line(/"step"/);
  request.child.stdout?.destroy();

  expect(await request.ended).toBe(0);
  expect(request.stderr).toEqual([]);
});

test('an unknown id is not found', async () => {
  const attach = jwt.run(['attach', 'nobody']);

  expect(await attach.ended).toBe(1);
  expect(attach.stderr.at(-1)).toMatch(/^error: NOT_FOUND/);
});

test('any client can connect to the run with a token', async () => {
  const token = jwt.run(['token', '--user', 'bob', '--tenant', 'acme', '--expires', '60']);
  expect(await token.ended).toBe(0);
  const [text = ''] = token.stdout;
  const { sub, exp, iat } = JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString());
  expect({ sub, seconds: exp - iat }).toEqual({ sub: 'bob', seconds: 60 });

  const request = jwt.run(['request', 'echo', '{"text":"x"}', '--url', await jwt.url(), '--token', text]);
  expect(await request.ended).toBe(0);
  expect(JSON.parse(request.stdout.join(''))).toEqual({ text: 'x', user: 'bob', tenant: 'acme' });
});

test('in an app without login, the same user is the same visitor', async () => {
  const ask = async (user: string) => {
    const request = open.run(['request', 'echo', '{"text":"x"}', '--user', user]);
    expect(await request.ended).toBe(0);
    return JSON.parse(request.stdout.join('')).user as string;
  };

  const [ann, again, bob] = await Promise.all([ask('ann'), ask('ann'), ask('bob')]);
  expect(ann).toMatch(/^visitor-/);
  expect(again).toBe(ann);
  expect(bob).not.toBe(ann);

  const tenant = open.run(['token', '--tenant', 'acme']);
  expect(await tenant.ended).toBe(1);
  expect(tenant.stderr[0]).toBe('error: --tenant must not be given: the app accepts visitors, which have no tenant');
});

test('the run of the project is found from a folder inside it, and at a loopback --url', async () => {
  const inside = path.join(jwt.folder, 'a/b');
  mkdirSync(inside, { recursive: true });
  const request = cli.run(['request', 'echo', '{"text":"x"}'], inside);
  const byUrl = cli.run(['request', 'echo', '{"text":"x"}', '--url', await jwt.url()], cli.folder);

  expect([await request.ended, await byUrl.ended]).toEqual([0, 0]);
});

test('an address of another machine needs a token', async () => {
  const foreign = cli.run(['request', 'echo', '--url', 'wss://example.com/v1']);

  expect(await foreign.ended).toBe(1);
  expect(foreign.stderr[0]).toBe(
    'error: --token must be given with --url wss://example.com/v1: only a local run on this machine issues tokens',
  );
});

test('an address that is not that of a WebSocket, or that has no stage, is refused with this reason', async () => {
  const http = cli.run(['request', 'echo', '--url', 'http://127.0.0.1:4000/v1']);
  const url = await jwt.url();
  const root = cli.run(['request', 'echo', '--url', new URL('/', url).href]);

  expect([await http.ended, await root.ended]).toEqual([1, 1]);
  expect(http.stderr[0]).toBe('error: --url must be a ws:// or wss:// address, got: http://127.0.0.1:4000/v1');
  expect(root.stderr[0]).toBe(
    `error: --url must have the path of a stage, as in ${url}, got: ${new URL('/', url).href}`,
  );
});

test('an address of this machine without a server, or with another server, is refused with this reason', async () => {
  const server = createServer((_req, res) => res.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const dead = cli.run(['request', 'echo', '--url', 'ws://127.0.0.1:1/v1']);
  const other = cli.run(['request', 'echo', '--url', `ws://127.0.0.1:${port}/v1`]);

  expect([await dead.ended, await other.ended]).toEqual([1, 1]);
  expect(dead.stderr[0]).toBe(
    'error: nothing listens at ws://127.0.0.1:1/v1: start the app with `npx cdk-streamer dev`, or correct --url',
  );
  expect(other.stderr[0]).toMatch(/^error: --token must be given with --url .*: the server there is not a local run/);
  server.close();
});

test.each(['token', 'env'])('%s in a folder without a run recommends only options that it has', async (name) => {
  const command = cli.run([name], mkdtempSync(path.join(cli.folder, 'empty-')));

  expect(await command.ended).toBe(1);
  expect(command.stderr[0]).toMatch(/`npx cdk-streamer dev`/);
  expect(command.stderr[0]).not.toMatch(/--url|--token/);
});
