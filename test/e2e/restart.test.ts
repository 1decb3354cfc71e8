import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamerClient } from 'cdk-streamer-client';
import WebSocket from 'ws';
import { fixtureApp } from './fixture/app';

/** `cdk-streamer dev` as a separate process, which is killed during its work and started again. */

const CLI = join(__dirname, '../../lib/local/cli.js');
const REQUESTS = 24;
/** Number of finished steps at which the process is killed. Then some requests have ended, some run, and most wait. */
const STEPS_AT_KILL = 12;

jest.setTimeout(400_000);

class Dev {
  public readonly lines: string[] = [];
  private readonly child: ChildProcess;
  private readonly checks = new Set<() => void>();

  public constructor(cwd: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [CLI, 'dev', 'cdk.out', '--no-watch', ...args], {
      cwd,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.lines.push(...String(chunk).split('\n'));
        for (const check of this.checks) check();
      });
    }
  }

  public line(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = this.lines.find((line) => pattern.test(line));
        if (found !== undefined) resolve(found);
      };
      this.checks.add(check);
      check();
      this.child.once('exit', (code) => reject(new Error(`dev ended with ${code}:\n${this.lines.join('\n')}`)));
    });
  }

  public async url(): Promise<string> {
    return (await this.line(/^ {2}WebSocket /)).replace(/^ {2}WebSocket +/, '').trim();
  }

  public end(signal: NodeJS.Signals): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve(this.child.exitCode);
    this.child.kill(signal);
    return ended;
  }
}

let cwd: string;
const runs: Dev[] = [];
const clients: StreamerClient[] = [];

function start(...args: string[]): Dev {
  const dev = new Dev(cwd, args);
  runs.push(dev);
  return dev;
}

async function tokenOf(url: string): Promise<string> {
  const answer = await fetch(new URL('/_aws/token', url.replace('ws:', 'http:')), {
    method: 'POST',
    body: JSON.stringify({ sub: 'ann', tenant: 'acme' }),
  });
  return ((await answer.json()) as { token: string }).token;
}

function connect(url: string, token: string): StreamerClient {
  const client = new StreamerClient(url, { token, webSocket: WebSocket as never });
  clients.push(client);
  return client;
}

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'streamer-restart-'));
  mkdirSync(join(cwd, 'cdk.out'));
  fixtureApp(join(cwd, 'cdk.out')).synth();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(runs.splice(0).map((run) => run.end('SIGKILL')));
  rmSync(cwd, { recursive: true, force: true });
});

/** Returns the entries of a request's log, which it reads as any client does. */
async function logOf(
  url: string,
  token: string,
  id: string,
): Promise<{ offset: number; name?: string; type: string }[]> {
  const socket = new WebSocket(url, ['streamer.v1', `bearer.${Buffer.from(token).toString('base64url')}`]);
  await new Promise((resolve) => socket.once('open', resolve));
  const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
  socket.send(JSON.stringify({ type: 'attach', id, offset: 0 }));
  const { entries } = JSON.parse(await answer);
  socket.terminate();
  return entries;
}

test('a run that is killed loses no accepted request, and its client continues without a gap or a duplicate', async () => {
  const first = start('--port', '0');
  const url = await first.url();
  const token = await tokenOf(url);
  const client = connect(url, token);
  const seen = new Map<string, number[]>();
  let steps = 0;
  let enough: () => void;
  const working = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const results = Array.from({ length: REQUESTS }, (_, n) => {
    const offsets: number[] = [];
    seen.set(`r-${n}`, offsets);
    const onEvent = ({ offset }: { offset: number }) => {
      offsets.push(offset);
      steps++;
      if (steps === STEPS_AT_KILL) enough();
    };
    return client.request('steps', { steps: 4, stepMs: 150 }, { id: `r-${n}`, onEvent });
  });
  const ended = Promise.allSettled(results);
  await working;
  await first.end('SIGKILL');

  const second = start('--port', new URL(url.replace('ws:', 'http:')).port);
  expect(await second.url()).toBe(url);
  expect((await ended).filter(({ status }) => status === 'rejected')).toEqual([]);

  for (const [id, offsets] of seen) {
    const entries = await logOf(url, token, id);
    expect(entries.map(({ offset }) => offset)).toEqual(entries.map((_, i) => i));
    expect(entries.filter(({ type }) => type === 'result' || type === 'error')).toHaveLength(1);
    expect(offsets).toEqual(entries.filter(({ name }) => name === 'step').map(({ offset }) => offset));
  }
});

test('a finished request, its token and its log still exist after a restart, but not in a run with --fresh', async () => {
  const first = start('--port', '0');
  const url = await first.url();
  const token = await tokenOf(url);
  await connect(url, token).request('steps', { steps: 2, stepMs: 0 }, { id: 'done' });
  expect(await first.end('SIGTERM')).toBe(0);

  const port = new URL(url.replace('ws:', 'http:')).port;
  const second = start('--port', port);
  await second.url();
  expect(await connect(url, token).attach('steps', { id: 'done' })).toMatchObject({ steps: 2 });
  const other = start('--port', '0');
  await expect(other.url()).rejects.toThrow(/another run \(process \d+\) uses the state in .*\.streamer/);
  await second.end('SIGTERM');

  const fresh = start('--port', port, '--fresh');
  await fresh.url();
  await expect(connect(url, await tokenOf(url)).attach('steps', { id: 'done' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a damaged state is refused with its file and the remedy', async () => {
  const first = start('--port', '0');
  await first.url();
  await first.end('SIGTERM');
  writeFileSync(join(cwd, '.streamer/state/journal.log'), 'damaged\n');
  const second = start('--port', '0');
  await expect(second.url()).rejects.toThrow(/journal\.log is damaged.*--fresh/);
});
