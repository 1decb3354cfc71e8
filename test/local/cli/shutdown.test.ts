import { listenForShutdown, type Shutdown } from '../../../local/cli/shutdown';

let now: number;
let exits: number[];
let shutdown: Shutdown;

beforeEach(() => {
  now = 1000;
  exits = [];
  shutdown = listenForShutdown(
    () => now,
    (code) => exits.push(code),
  );
});

afterEach(() => shutdown.dispose());

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('the first %s asks to end', async (signal) => {
  process.emit(signal);
  await shutdown.wanted;
  expect(shutdown.signal.aborted).toBe(true);
  expect(exits).toEqual([]);
});

test('the second ends the process', () => {
  process.emit('SIGINT');
  now += 300;
  process.emit('SIGINT');
  expect(exits).toEqual([130]);
});

test('the same Ctrl-C, passed on by the tools around, is one', () => {
  process.emit('SIGINT');
  now += 299;
  process.emit('SIGINT');
  process.emit('SIGTERM');
  expect(exits).toEqual([]);
});

test('afterwards signals are left to others', () => {
  shutdown.dispose();
  expect(process.listenerCount('SIGHUP')).toBe(0);
});
