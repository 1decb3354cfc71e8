import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoStore } from '../../../lambda-src/aws/dynamodb/store';
import { LEASE_MS } from '../../../lambda-src/core/transitions';
import { CONSTANTS } from '../../../lambda-src/protocol';
import { clientOf, storeOf } from '../support/embedded-tables';
import { LocalAws } from '../support/local-aws';

/** The thread and its owner in a separate process. The process's main thread can be blocked while the tables remain reachable. */
const OWNER = `
  import { existsSync } from 'node:fs';
  import { ThreadHeartbeat } from './lambda-src/runtime/heartbeat';
  const print = (line: string) => process.stdout.write(line + '\\n');
  const log = { error: (message: string, { error }: { error: Error }) => print(message + ': ' + error.message) };
  const [mode, receiptHandle = '', release = ''] = process.argv.slice(2);
  const heartbeat = new ThreadHeartbeat(log as never);
  const queueUrl = process.env.STREAMER_QUEUE_URL ?? '';
  const beat = heartbeat.of({ queueUrl, receiptHandle }, async () => print('hidden'));
  const end = (requestKey: string) => ({
    kind: 'update', table: 'requests', key: { requestKey }, set: { status: 'FAILED' },
    when: { op: 'and', all: [{ op: 'eq', attribute: 'status', value: 'RUNNING' }, { op: 'eq', attribute: 'fence', value: 1 }] },
  }) as const;
  const overdue = (requestKey: string, ms: number) => ({ at: Date.now() + ms, writes: [end(requestKey)] });
  const listener = (requestKey: string) => ({
    onLost: () => print('lost ' + requestKey),
    onCancelled: ({ cancelReason }: { cancelReason?: string }) => print('cancelled ' + requestKey + ': ' + cancelReason),
  });
  const watched = (requestKey: string, ms = 3_600_000) => ({ overdue: overdue(requestKey, ms), logKey: requestKey + '#log', run: 1 });
  const start = (requestKey: string, fence: number, ms?: number) =>
    beat.start({ requestKey, fence }, listener(requestKey), watched(requestKey, ms));
  // the owner waits for its input to end: its heartbeat keeps no process alive
  process.stdin.on('data', (command) => { if (String(command).trim() === 'stop') { beat.stop(); print('stopped'); } });
  void (async () => {
    if (mode === 'busy') {
      await start('mine', 1);
      print('busy');
      while (!existsSync(release)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      print('free');
    }
    if (mode === 'overdue') {
      await start('mine', 1, 300);
      print('busy');
      while (!existsSync(release)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      print('free');
    }
    if (mode === 'returned') {
      await start('mine', 1, 100);
      beat.handlerEnded();
    }
    if (mode === 'awake') {
      await start('mine', 1);
      setInterval(() => beat.sawHead(), 100);
    }
    if (mode === 'watch') await start('theirs', 1);
    if (mode === 'serial')
      await beat.start({ requestKey: 'mine', fence: 1, slots: [{ key: '#cap#a#action', max: 1, slot: 0 }] }, listener('mine'), watched('mine'));
    if (mode === 'two') {
      const other = heartbeat.of({ queueUrl, receiptHandle }, async () => undefined);
      await Promise.all([start('mine', 1), other.start({ requestKey: 'theirs', fence: 1 }, listener('theirs'), watched('theirs'))]);
    }
  })();
`;

let aws: LocalAws;
let client: DynamoDBClient;
let store: DynamoStore;
let owner: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  aws = await LocalAws.start();
  client = clientOf(aws.database.url);
  store = storeOf(client);
  await aws.heartbeat();
  owner = await aws.bundle('owner', OWNER);
});
afterEach(async () => {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  // This also works if the main thread is still blocked because a test has failed.
  child.kill('SIGKILL');
  await once(child, 'exit');
});
afterAll(async () => {
  client.destroy();
  await aws.close();
});

/** Path of the file that unblocks an owner. */
const release = () => join(aws.folder, 'release');

function run(mode: string, receiptHandle = 'none') {
  const { PATH = '' } = process.env;
  child = spawn(process.execPath, [owner, mode, receiptHandle, release()], {
    env: { PATH, ...aws.environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { stdin, stdout } = child as ChildProcess & { stdin: NodeJS.WritableStream; stdout: NodeJS.ReadableStream };
  const lines: string[] = [];
  const reader = createInterface({ input: stdout });
  reader.on('line', (line) => lines.push(line));
  const line = async (expected: string) => {
    while (!lines.includes(expected)) await once(reader, 'line');
  };
  return { lines, line, stop: () => stdin.write('stop\n'), end: () => stdin.end() };
}

const request = (requestKey: string, fence = 1) =>
  store.write({
    kind: 'put',
    table: 'requests',
    key: { requestKey },
    attributes: { status: 'RUNNING', fence, leaseUntil: 0 },
  });
const lease = async (requestKey: string) => Number((await store.get('requests', { requestKey }))?.leaseUntil);
/** Repeats a check as long as the owner lives. When the test reaches its time limit, the owner is killed. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const asked = child;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (asked?.signalCode) throw new Error('the owner was killed before it happened');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const nextLease = (requestKey: string, after: number): Promise<number> =>
  until(async () => {
    const leaseUntil = await lease(requestKey);
    return leaseUntil > after ? leaseUntil : undefined;
  });

const messageRenewals = (count: number): Promise<true> =>
  until(async () => aws.sqsCalls.filter((call) => call === 'ChangeMessageVisibility').length >= count || undefined);

test('a lease outlives two renewals that fail', () => {
  const { leaseSeconds, leaseRenewSeconds } = CONSTANTS.timing;

  expect(leaseSeconds).toBeGreaterThanOrEqual(3 * leaseRenewSeconds);
});

test('the heartbeat renews lease and message while the main thread is blocked', async () => {
  await request('mine');
  aws.queue('work').send({ body: '{}' });
  const [message] = aws.queue('work').receive(1, 20_000);
  aws.sqsCalls.length = 0;
  const { lines, line } = run('busy', message.receiptHandle);
  await line('busy');

  const first = await nextLease('mine', 0);
  const second = await nextLease('mine', first);
  const third = await nextLease('mine', second);
  // Each renewal of the message follows one of the lease, over a separate connection.
  await messageRenewals(2);
  expect(lines).not.toContain('free');
  expect(third - Date.now()).toBeGreaterThan(LEASE_MS - 5_000);
  writeFileSync(release(), '');
  await line('free');
});

test('the heartbeat ends the attempt and the process of a handler that computes beyond its deadline, and its message does not come back', async () => {
  rmSync(release(), { force: true });
  await request('mine');
  const { inFlight } = aws.queue('work').depth();
  aws.queue('work').send({ body: '{}' });
  const [message] = aws.queue('work').receive(1, 20_000);
  const { lines } = run('overdue', message.receiptHandle);

  expect(await once(child as ChildProcess, 'exit')).toEqual([null, 'SIGKILL']);
  expect(lines).not.toContain('free');
  expect(await store.get('requests', { requestKey: 'mine' })).toMatchObject({ status: 'FAILED' });
  expect(aws.queue('work').depth()).toMatchObject({ visible: 0, inFlight });
});

test('the heartbeat leaves the end to a handler that has returned', async () => {
  await request('mine');
  run('returned');
  // The attempt would have been ended several renewals earlier.
  let leaseUntil = 0;
  for (let renewals = 0; renewals < 5; renewals++) leaseUntil = await nextLease('mine', leaseUntil);

  expect(await store.get('requests', { requestKey: 'mine' })).toMatchObject({ status: 'RUNNING' });
});

/** Writes what a cancellation does to the request and to the head of its log. */
async function cancel(requestKey: string, cancelReason: string): Promise<void> {
  const requested = { cancelRequested: true, cancelReason };
  await store.write({ kind: 'update', table: 'requests', key: { requestKey }, set: requested });
  const head = { logKey: `${requestKey}#log`, offset: -1 };
  await store.write({ kind: 'update', table: 'events', key: head, set: { cancelledRun: 1, cancelReason } });
}

test('the heartbeat ends the process of a cancelled handler that blocks its thread, and its message does not come back', async () => {
  rmSync(release(), { force: true });
  await request('mine');
  const { inFlight } = aws.queue('work').depth();
  aws.queue('work').send({ body: '{}' });
  const [message] = aws.queue('work').receive(1, 20_000);
  const { lines, line } = run('busy', message.receiptHandle);
  const gone = once(child as ChildProcess, 'exit');
  await line('busy');
  const askedAt = Date.now();
  await cancel('mine', 'enough');

  expect(await gone).toEqual([null, 'SIGKILL']);
  expect(Date.now() - askedAt).toBeGreaterThan(700);
  expect(lines).not.toContain('free');
  const { status, outcome } = (await store.get('requests', { requestKey: 'mine' })) as Record<string, unknown>;
  expect(status).toBe('CANCELLED');
  expect(outcome).toMatchObject({ kind: 'error', error: expect.stringContaining('"reason":"enough"') });
  expect(aws.queue('work').depth()).toMatchObject({ visible: 0, inFlight });
});

test('the heartbeat notifies a thread that is not blocked of a cancellation, and leaves the end to it', async () => {
  await request('mine');
  const { line, stop } = run('awake');
  await line('hidden');
  await cancel('mine', 'enough');
  await line('cancelled mine: enough');
  // longer than a blocked thread has
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  stop();
  await line('stopped');

  expect(await store.get('requests', { requestKey: 'mine' })).toMatchObject({ status: 'RUNNING' });
});

test('the heartbeat leaves the head to a thread that reads it itself', async () => {
  await request('mine');
  const { lines, line } = run('awake');
  await line('hidden');
  const head = { logKey: 'mine#log', offset: -1 };
  await store.write({ kind: 'update', table: 'events', key: head, set: { cancelledRun: 1 } });
  await new Promise((resolve) => setTimeout(resolve, 1_500));

  expect(lines).toEqual(['hidden']);
});

test('a renewal shows a cancellation, too, in case its notification was lost', async () => {
  await request('mine');
  const { line } = run('awake');
  await nextLease('mine', 0);
  const lost = { cancelRequested: true, cancelReason: 'unheard' };
  await store.write({ kind: 'update', table: 'requests', key: { requestKey: 'mine' }, set: lost });

  await line('cancelled mine: unheard');
});

test("the heartbeat renews the slot of a serial action with the request's lease, and ends with the first of them", async () => {
  const slot = { table: 'events', key: { logKey: '#cap#a#action', offset: 0 } } as const;
  const slotLease = async () => Number((await store.get(slot.table, slot.key))?.leaseUntil);
  await request('mine');
  await store.write({ kind: 'put', ...slot, attributes: { holder: '1#mine', leaseUntil: 0 } });
  const { line } = run('serial');
  const renewed = await nextLease('mine', 0);
  expect(await slotLease()).toBeGreaterThanOrEqual(renewed);
  await store.write({ kind: 'update', ...slot, set: { holder: "1#another's" } });
  await line('lost mine');
  const last = await lease('mine');
  await new Promise((resolve) => setTimeout(resolve, 50));

  expect(await lease('mine')).toBe(last);
});

test('the heartbeat reports once that another attempt has the lease, and does not change it', async () => {
  await request('theirs', 2);
  const { lines, line } = run('watch');
  await line('lost theirs');

  expect(lines).toEqual(['hidden', 'lost theirs']);
  expect(await lease('theirs')).toBe(0);
});

test('the heartbeat does not keep an idle process alive', async () => {
  await request('mine');
  const { line, end } = run('two');
  await line('hidden');
  end();

  expect(await once(child as ChildProcess, 'exit')).toEqual([0, null]);
});

test('the heartbeat distinguishes two claims with the same fence', async () => {
  await request('mine');
  await request('theirs', 2);
  const { lines, line } = run('two');
  await line('lost theirs');
  const before = await lease('mine');
  await nextLease('mine', before);

  expect(lines).not.toContain('lost mine');
});

test('the heartbeat stops one of two claims, and continues with the other', async () => {
  await request('mine');
  await request('theirs');
  const { line, stop } = run('two');
  await nextLease('mine', 0);
  stop();
  await line('stopped');
  // A renewal may be in progress at the stop. It has ended when the other claim has been renewed twice.
  const renewTwice = async () => nextLease('theirs', await nextLease('theirs', await lease('theirs')));
  await renewTwice();
  const last = await lease('mine');
  await renewTwice();

  expect(await lease('mine')).toBe(last);
});
