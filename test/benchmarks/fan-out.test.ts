import { checkFaults } from '../../benchmarks/fan-out';
import { TopicWorld } from '../../benchmarks/virtual/topic-world';

test('every subscriber of a small and of a large topic gets all messages in order', async () => {
  const small = await new TopicWorld({ seed: 2, subscribers: 150, messages: 5 }).run();
  expect(small).toMatchObject({ incomplete: 0, outOfOrder: 0, parts: 0, posts: 750 });
  const large = await new TopicWorld({ seed: 2, subscribers: 1_500, messages: 5, topicRate: 100_000 }).run();
  expect(large).toMatchObject({ incomplete: 0, outOfOrder: 0, posts: 7_500 });
  expect(large.parts).toBeGreaterThanOrEqual(16);
});

test('a topic sends no more frames per second than its rate allows', async () => {
  const { seconds, maxPostsPerSecond } = await new TopicWorld({
    ...{ seed: 3, subscribers: 400, messages: 10 },
    topicRate: 400,
  }).run();
  expect(maxPostsPerSecond).toBeLessThanOrEqual(400 + 10 * 100);
  expect(seconds).toBeGreaterThan(8);
});

test('subscribers get all messages although notifiers die, connections are busy and connections are lost', async () => {
  const tally = await new TopicWorld({
    ...{ seed: 4, subscribers: 600, messages: 10, largeFrom: 300 },
    ...{ busyChance: 0.02, crashChance: 0.002, lossChance: 0.005 },
  }).run();
  expect(tally).toMatchObject({ incomplete: 0, outOfOrder: 0 });
  expect(tally.parts).toBeGreaterThan(0);
  expect(() => checkFaults(tally)).not.toThrow();
});

test('the benchmark refuses a run in which a fault did not occur', () => {
  expect(() => checkFaults({ crashes: 0, busy: 3, lost: 0 })).toThrow('these faults did not occur: crashes,lost');
});
