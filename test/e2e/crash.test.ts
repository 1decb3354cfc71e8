import { type E2eRun, startE2e, until } from './run';

jest.setTimeout(300_000);

let e2e: E2eRun;
beforeAll(async () => {
  e2e = await startE2e();
});
afterAll(() => e2e?.close());

/** Returns the log of a request, which it reads as any client does. */
async function logOf(id: string): Promise<{ name?: string; type: string; run: number }[]> {
  const socket = e2e.socket(await e2e.token());
  await new Promise((resolve) => socket.once('open', resolve));
  const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
  socket.send(JSON.stringify({ type: 'attach', id, offset: 0 }));
  return JSON.parse(await answer).entries;
}

test('a request whose processor is killed gets another attempt when the lease has expired, and one result', async () => {
  const id = 'killed';
  const attempts = new Set<number>();
  const done = e2e
    .client()
    .request('steps', { steps: 20, stepMs: 200 }, { id, onProgress: ({ attempt }) => attempts.add(attempt) });
  await until('progress', () => attempts.has(1));
  const victim = await until('a busy processor', () =>
    e2e.local.host.environments().find(({ functionName, busy }) => busy && /steps/i.test(functionName)),
  );
  process.kill(victim.pid, 'SIGKILL');
  await until('the second attempt', () => attempts.has(2), 280_000);
  await expect(done).resolves.toMatchObject({ attempt: 2 });

  const entries = await logOf(id);
  expect(entries.filter(({ name }) => name === '$attempt')).toHaveLength(2);
  expect(entries.filter(({ type }) => type === 'result' || type === 'error')).toHaveLength(1);
  expect(entries.at(-1)?.type).toBe('result');
});
