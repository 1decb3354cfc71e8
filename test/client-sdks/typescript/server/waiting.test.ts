import { Patience } from '../../../../client-sdks/typescript/src/server/waiting';
import { settled, VirtualClock } from '../support/virtual-clock';

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});

const never = () => new Promise<never>(() => undefined);

test('a guarded value passes through', async () => {
  const patience = new Patience(clock, {});

  await expect(patience.guard(async () => 7)).resolves.toBe(7);
  await expect(patience.guard(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('the time that is over rejects what waits, and whatever comes later', async () => {
  const patience = new Patience(clock, { timeoutMs: 100 });
  const waiting = [patience.guard(never), patience.sleep(1_000)].map((each) => each.catch(({ code }) => code));
  await clock.advance(100);

  expect(await Promise.all(waiting)).toEqual(['TIMEOUT', 'TIMEOUT']);
  await expect(patience.guard(async () => 7)).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(clock.pending).toBe(0);
});

test('the signal that fires rejects with its reason', async () => {
  const controller = new AbortController();
  const patience = new Patience(clock, { signal: controller.signal, timeoutMs: 100 });
  const waiting = patience.sleep(50).catch((error) => error);
  controller.abort('enough');

  expect(await waiting).toMatchObject({ code: 'ABORTED', cause: 'enough', retryable: false });
  patience.close();
  expect(clock.pending).toBe(0);
});

test('a signal that has fired lets nothing begin', async () => {
  const work = jest.fn(never);
  const patience = new Patience(clock, { signal: AbortSignal.abort() });

  await expect(patience.guard(work)).rejects.toMatchObject({ code: 'ABORTED' });
  expect(work).not.toHaveBeenCalled();
});

test('the first of both ends wins', async () => {
  const controller = new AbortController();
  const patience = new Patience(clock, { signal: controller.signal, timeoutMs: 100 });
  const waiting = patience.guard(never).catch(({ code }) => code);
  await clock.advance(100);
  controller.abort();

  expect(await waiting).toBe('TIMEOUT');
  await expect(patience.guard(never)).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('a sleep takes as long as its name promises', async () => {
  const patience = new Patience(clock, {});
  let awake = false;
  void patience.sleep(100).then(() => {
    awake = true;
  });
  await clock.advance(99);
  expect(awake).toBe(false);
  await clock.advance(1);
  await settled();

  expect(awake).toBe(true);
});

test('closed, it leaves neither a timer nor a listener behind', () => {
  const removed: unknown[] = [];
  const signal = {
    aborted: false,
    addEventListener: () => undefined,
    removeEventListener: (_: string, listener: unknown) => void removed.push(listener),
  };
  new Patience(clock, { signal, timeoutMs: 100 }).close();

  expect(removed).toHaveLength(1);
  expect(clock.pending).toBe(0);
});
