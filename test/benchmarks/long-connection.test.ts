import { checkControl } from '../../benchmarks/long-connection';
import { Crowd } from '../../benchmarks/virtual/crowd';
import { LongSession } from '../../benchmarks/virtual/long-session';
import { maxPerSecond } from '../client-sdks/typescript/support/virtual-gateway';

const HOUR_MS = 3_600_000;

test('a session of four hours on the benchmark’s gateway has no disconnect and loses nothing', async () => {
  const tally = await new LongSession({ seed: 2, hours: 4 }).run();
  expect(tally).toMatchObject({
    disconnects: 0,
    lost: 0,
    repeated: 0,
    failed: 0,
    unsettled: 0,
    syncsTwice: 0,
    connects: 3,
  });
  expect(tally.received).toBeGreaterThan(20_000);
  expect(tally.maxDelayMs).toBeLessThanOrEqual(200);
});

test('a client that waits until the gateway closes its connection is disconnected', async () => {
  const { disconnects, lost, maxDelayMs } = await new LongSession({ seed: 2, hours: 5, waits: true }).run();
  expect({ disconnects, lost }).toEqual({ disconnects: 2, lost: 0 });
  expect(maxDelayMs).toBeGreaterThan(200);
});

test('with faults, a session is disconnected and still loses nothing', async () => {
  const faults = { lost: 0.02, refused: 0.2 };
  const { disconnects, lost, repeated } = await new LongSession({ seed: 2, hours: 1, faults, dropMs: 300_000 }).run();
  expect(disconnects).toBeGreaterThan(3);
  expect({ lost, repeated }).toEqual({ lost: 0, repeated: 0 });
});

test('a gateway that does not end connections is refused', () => {
  expect(() => checkControl({ disconnects: 2 })).not.toThrow();
  expect(() => checkControl({ disconnects: 1 })).toThrow('the gateway ended 1 connections, instead of 2');
});

test('a crowd replaces its connections without a disconnect, and reconnects within 25 seconds after it has lost all', async () => {
  const crowd = new Crowd(2, 200);
  await crowd.start();
  const planned = await crowd.run(2 * HOUR_MS);
  expect(planned).toBeGreaterThan(0);
  expect(planned).toBeLessThan(10);
  expect(crowd.disconnects).toBe(0);
  const { max, times } = await crowd.storm(0);
  crowd.close();
  expect(max).toBeLessThan(25);
  expect(times).toHaveLength(200);
  expect(Math.max(...times)).toBeLessThan(25_500);
});

test('the largest number of times within a second is that of any interval of a second', () => {
  expect(maxPerSecond([0, 400, 999, 1_000, 1_300, 5_000])).toBe(4);
  expect(maxPerSecond([])).toBe(0);
});
