import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import WebSocket from 'ws';

/** The command line as it is published: bundled, in `lib/local`, in a process of its own. */
const root = path.join(__dirname, '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 'cli-test-'));
const assembly = path.join(folder, 'cdk.out');
const running: Cli[] = [];

/** Answers with its process id; one that was told to hang never ends a `$disconnect`. */
const HANDLER = `
  let hang = false;
  exports.handler = async ({ requestContext: { eventType }, body }) => {
    if (eventType === 'DISCONNECT' && hang) await new Promise((resolve) => setTimeout(resolve, 60000));
    if (eventType !== 'MESSAGE') return { statusCode: 200 };
    hang = JSON.parse(body).hang;
    return { statusCode: 200, body: JSON.stringify({ pid: process.pid }) };
  };`;

beforeAll(() => {
  bundle();
  synth();
});

afterEach(() => {
  for (const cli of running.splice(0)) cli.child.kill('SIGKILL');
});

afterAll(() => rmSync(folder, { recursive: true }));

function bundle(): void {
  const aliases = JSON.parse(readFileSync(path.join(root, 'local/dynamodb/esbuild-alias.json'), 'utf8')) as object;
  buildSync({
    entryPoints: {
      cli: path.join(root, 'local/cli/main.ts'),
      'runtime-client': path.join(root, 'local/lambda/runtime-client.ts'),
    },
    outdir: path.join(folder, 'lib/local'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    external: ['bufferutil', 'utf-8-validate'],
    alias: Object.fromEntries(Object.entries(aliases).map(([name, file]) => [name, path.join(root, String(file))])),
  });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ version: '1.2.3' }));
}

function synth(): void {
  const stack = new Stack(new App({ outdir: assembly }), 'Small');
  const handler = new Lambda(stack, 'Handler', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline(HANDLER),
    timeout: Duration.seconds(60),
  });
  const api = new WebSocketApi(stack, 'Api', {
    connectRouteOptions: { integration: new WebSocketLambdaIntegration('OnConnect', handler) },
    disconnectRouteOptions: { integration: new WebSocketLambdaIntegration('OnDisconnect', handler) },
    defaultRouteOptions: { integration: new WebSocketLambdaIntegration('OnMessage', handler), returnResponse: true },
  });
  const stage = new WebSocketStage(stack, 'Stage', { webSocketApi: api, stageName: 'v1', autoDeploy: true });
  new CfnOutput(stack, 'Url', { value: stage.url });
  App.of(stack)?.synth();
}

class Cli {
  public readonly child: ChildProcess;
  public readonly lines: string[] = [];
  public readonly temp = mkdtempSync(path.join(folder, 'temp-'));
  public readonly ended: Promise<number | NodeJS.Signals>;
  private readonly checks = new Set<() => void>();

  public constructor(args: readonly string[], cwd = folder) {
    // Temporary files in a folder that the test can look into.
    const env = { ...process.env, TMPDIR: this.temp, NO_COLOR: '1' };
    const file = path.join(folder, 'lib/local/cli.js');
    this.child = spawn(process.execPath, [file, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.push(this);
    this.ended = once(this.child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.onLine(line));
    }
  }

  /** Resolves with the first line that fits; rejects when the process ends without one. */
  public line(pattern: RegExp): Promise<string> {
    const found = new Promise<string>((resolve) => {
      const check = () => {
        const line = this.lines.find((candidate) => pattern.test(candidate));
        if (line !== undefined) resolve(line);
      };
      this.checks.add(check);
      check();
    });
    const missing = this.ended.then((code) => {
      throw new Error(`ended with ${code} before ${pattern}:\n${this.lines.join('\n')}`);
    });
    return Promise.race([found, missing]);
  }

  public async url(): Promise<string> {
    return (await this.line(/^ {2}WebSocket/)).trim().split(/\s+/)[1] ?? '';
  }

  private onLine(line: string): void {
    this.lines.push(line);
    for (const check of this.checks) check();
  }
}

/** Sends a message and gives the id of the process that answered it. */
async function processBehind(url: string, options: { hang: boolean } = { hang: false }): Promise<number> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const answer = once(socket, 'message') as Promise<[Buffer]>;
  socket.send(JSON.stringify({ type: 'ping', ...options }));
  const [data] = await answer;
  socket.on('error', () => undefined);
  return (JSON.parse(String(data)) as { pid: number }).pid;
}

/** Waits for a process to have ended: its parent's death makes it the system's to bury, which takes a moment. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended, but nobody has asked how.
    return !existsSync('/proc') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('--version and --help answer', async () => {
  const version = new Cli(['--version']);
  const help = new Cli(['--help']);

  expect(await version.ended).toBe(0);
  expect(version.lines).toEqual(['1.2.3']);
  expect(await help.ended).toBe(0);
  expect(help.lines.join('\n')).toContain('cdk-streamer dev');
});

test('an unknown flag is exit code 2 and says which', async () => {
  const cli = new Cli(['dev', '--colour']);

  expect(await cli.ended).toBe(2);
  expect(cli.lines).toEqual(["error: Unknown option '--colour'", 'cdk-streamer dev --help tells what there is']);
});

test('a folder without an assembly is exit code 1 and says what to do', async () => {
  const cli = new Cli(['dev', 'nowhere']);

  expect(await cli.ended).toBe(1);
  expect(cli.lines).toEqual([expect.stringMatching(/^error: no cloud assembly in \/.*nowhere: run "cdk synth" first/)]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the run, its processes and its files', async (signal) => {
  const cli = new Cli(['dev', assembly, '--port', '0']);
  const pid = await processBehind(await cli.url());

  cli.child.kill(signal);

  expect(await cli.ended).toBe(0);
  expect(cli.lines.at(-1)).toMatch(/run +closed$/);
  await gone(pid);
  expect(readdirSync(cli.temp)).toEqual([]);
});

test('a second Ctrl-C ends it at once, and nothing remains', async () => {
  const cli = new Cli(['dev', assembly, '--port', '0']);
  // Its $disconnect never ends, so that closing takes seconds.
  const pid = await processBehind(await cli.url(), { hang: true });

  const press = setInterval(() => cli.child.kill('SIGINT'), 50);
  const code = await cli.ended.finally(() => clearInterval(press));

  expect(code).toBe(130);
  expect(cli.lines).not.toContainEqual(expect.stringMatching(/run +closed$/));
  await gone(pid);
  expect(readdirSync(cli.temp)).toEqual([]);
});

test('the log follows a connection and a message', async () => {
  const cli = new Cli(['dev', assembly, '--port', '0']);
  await processBehind(await cli.url());

  await cli.line(/gateway +\S{6}… \$connect: 200/);
  await cli.line(/gateway +\S{6}… sent ping \(28 bytes\)/);
  await cli.line(/Handler +ok in \d+ ms/);
  expect(cli.lines).toContainEqual(expect.stringMatching(/^ {2}Small\.Url +ws:\/\/127\.0\.0\.1:\d+\/v1$/));
});

describe('--app', () => {
  const project = path.join(folder, 'project');

  beforeAll(() => {
    mkdirSync(project);
    writeFileSync(path.join(project, 'cdk.json'), JSON.stringify({ app: 'node app.cjs', context: { size: 7 } }));
    const source = `const { cpSync, writeFileSync } = require('node:fs');
      writeFileSync('context.json', process.env.CDK_CONTEXT_JSON);
      cpSync(${JSON.stringify(assembly)}, process.env.CDK_OUTDIR, { recursive: true });`;
    writeFileSync(path.join(project, 'app.cjs'), source);
    writeFileSync(path.join(project, 'broken.cjs'), `console.error('the reason'); process.exit(3);`);
    writeFileSync(path.join(project, 'hanging.cjs'), `console.log('pid', process.pid); setInterval(() => {}, 1000);`);
  });

  test('the app of cdk.json is synthesized with its context, and run', async () => {
    const cli = new Cli(['dev', '--port', '0'], project);
    expect(await processBehind(await cli.url())).toBeGreaterThan(0);

    expect(JSON.parse(readFileSync(path.join(project, 'context.json'), 'utf8'))).toEqual({ size: 7 });
    cli.child.kill('SIGINT');
    expect(await cli.ended).toBe(0);
    expect(readdirSync(cli.temp)).toEqual([]);
  });

  test('an app that fails shows why', async () => {
    const cli = new Cli(['dev', '--app', 'node broken.cjs'], project);

    expect(await cli.ended).toBe(1);
    expect(cli.lines).toContain('the reason');
    expect(cli.lines.at(-1)).toBe('error: the app failed with exit code 3: node broken.cjs');
  });

  test('an app that writes nothing is told where to write', async () => {
    const cli = new Cli(['dev', '--app', 'node -e 0'], project);

    expect(await cli.ended).toBe(1);
    expect(cli.lines.at(-1)).toContain('the app wrote no cloud assembly to CDK_OUTDIR');
  });

  test('Ctrl-C ends an app that is synthesizing', async () => {
    const cli = new Cli(['dev', '--app', 'node hanging.cjs'], project);
    const pid = Number((await cli.line(/^pid \d+$/)).split(' ')[1]);

    cli.child.kill('SIGINT');

    expect(await cli.ended).toBe(130);
    await gone(pid);
  });
});
