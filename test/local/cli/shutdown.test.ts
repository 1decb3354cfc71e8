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

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('the first %s requests the end', async (signal) => {
  process.emit(signal, signal);
  expect(await shutdown.wanted).toBe(signal);
  expect(shutdown.signal.aborted).toBe(true);
  expect(exits).toEqual([]);
});

test('the second signal ends the process', () => {
  process.emit('SIGINT');
  now += 300;
  process.emit('SIGINT');
  expect(exits).toEqual([130]);
});

test('a Ctrl-C that other tools send again counts once', () => {
  process.emit('SIGINT');
  now += 299;
  process.emit('SIGINT');
  process.emit('SIGTERM');
  expect(exits).toEqual([]);
});

test('after dispose(), signals are no longer handled', () => {
  shutdown.dispose();
  expect(process.listenerCount('SIGHUP')).toBe(0);
});
