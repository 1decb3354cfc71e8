import { Patience } from '../../../../client-sdks/typescript/src/server/waiting';
import { settled, VirtualClock } from '../support/virtual-clock';

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});

const never = () => new Promise<never>(() => undefined);

test('guard returns the value of the work', async () => {
  const patience = new Patience(clock, {});

  await expect(patience.guard(async () => 7)).resolves.toBe(7);
  await expect(patience.guard(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('after the time limit, guarded work is rejected, and so is any later work', async () => {
  const patience = new Patience(clock, { timeoutMs: 100 });
  const waiting = [patience.guard(never), patience.sleep(1_000)].map((each) => each.catch(({ code }) => code));
  await clock.advance(100);

  expect(await Promise.all(waiting)).toEqual(['TIMEOUT', 'TIMEOUT']);
  await expect(patience.guard(async () => 7)).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(clock.pending).toBe(0);
});

test('when the signal fires, guarded work rejects with its reason', async () => {
  const controller = new AbortController();
  const patience = new Patience(clock, { signal: controller.signal, timeoutMs: 100 });
  const waiting = patience.sleep(50).catch((error) => error);
  controller.abort('enough');

  expect(await waiting).toMatchObject({ code: 'ABORTED', cause: 'enough', retryable: false });
  patience.close();
  expect(clock.pending).toBe(0);
});

test('if the signal has already fired, no work begins', async () => {
  const work = jest.fn(never);
  const patience = new Patience(clock, { signal: AbortSignal.abort() });

  await expect(patience.guard(work)).rejects.toMatchObject({ code: 'ABORTED' });
  expect(work).not.toHaveBeenCalled();
});

test('the limit that is reached first decides the error', async () => {
  const controller = new AbortController();
  const patience = new Patience(clock, { signal: controller.signal, timeoutMs: 100 });
  const waiting = patience.guard(never).catch(({ code }) => code);
  await clock.advance(100);
  controller.abort();

  expect(await waiting).toBe('TIMEOUT');
  await expect(patience.guard(never)).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('a sleep takes the given time', async () => {
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

test('after close, there is neither a timer nor a listener', () => {
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
