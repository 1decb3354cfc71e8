import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamerClient } from 'cdk-streamer-client';
import WebSocket from 'ws';
import { type LocalRun, startLocalRun } from '../../local/run';
import { remoteApp } from './remote/app';

/** Isolated handlers and existing functions in a local run, from the client to the function and back. */
const dir = mkdtempSync(join(tmpdir(), 'remote-'));
let local: LocalRun;
let client: StreamerClient;

beforeAll(async () => {
  remoteApp(dir).synth();
  local = await startLocalRun({
    assemblyDir: dir,
    port: 0,
    log: () => undefined,
    runtimeClient: join(__dirname, '../../lib/local/runtime-client.js'),
  });
  client = new StreamerClient(String(local.url), {
    token: () => (local.issuer as NonNullable<LocalRun['issuer']>).issueToken({ sub: 'ann', tenant: 'acme' }),
    webSocket: WebSocket as never,
  });
});
afterAll(async () => {
  client?.close();
  await local?.close();
  rmSync(dir, { recursive: true, force: true });
});

test('an isolated handler answers', async () => {
  expect(await client.request('quote', { kind: 'small' })).toEqual({ price: 5, user: 'ann' });
});

test('an error that an isolated handler creates for its client arrives unchanged', async () => {
  await expect(client.request('quote', { kind: 'none' })).rejects.toMatchObject({
    code: 'SOLD_OUT',
    message: 'None left.',
    details: { kind: 'none' },
  });
});

test('a crash of an isolated handler leaves the router running', async () => {
  await expect(client.request('quote', { kind: 'crash' })).rejects.toMatchObject({ code: 'HANDLER_ERROR' });
  expect(await client.request('quote', { kind: 'small' })).toMatchObject({ price: 5 });
});

test('a queue invokes the alias with provisioned concurrency', async () => {
  expect(await client.request('later', { kind: 'small' })).toEqual({ price: 5, user: 'ann' });
});

test('an existing function answers a sync action', async () => {
  expect(await client.request('plain_now', { n: 1 })).toEqual({
    action: 'plain_now',
    input: { n: 1 },
    attempt: 1,
    user: 'ann',
  });
});

test('an existing function runs an async action, and is retried when it throws', async () => {
  expect(await client.request('plain_later', { failUntil: 1 })).toMatchObject({ attempt: 2, user: 'ann' });
  const failed = client.request('plain_later', { failUntil: 9 });
  await expect(failed).rejects.toMatchObject({ code: 'HANDLER_ERROR', details: { attempt: 2 } });
  await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
});
