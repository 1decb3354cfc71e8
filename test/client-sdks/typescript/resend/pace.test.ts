import { Pace } from '../../../../client-sdks/typescript/src/resend/pace';
import { DEFAULT_TIMING } from '../../../../client-sdks/typescript/src/wire/protocol';
import { VirtualClock } from '../support/virtual-clock';

function setUp(random = 0) {
  const clock = new VirtualClock();
  const rung: [number, boolean][] = [];
  const state = { answers: 0, probes: 0 };
  const options = {
    clock,
    times: DEFAULT_TIMING,
    random: () => random,
    probe: () => void state.probes++,
    answers: () => state.answers,
  };
  return { clock, rung, state, pace: new Pace(options, (alive) => rung.push([clock.now(), alive])) };
}

test.each([
  [0, 0, 1_000],
  [0, 0.5, 1_500],
  [1, 0, 2_000],
  [3, 0, 8_000],
  [4, 0, 15_000],
  [400, 0.999, 29_985],
])('after %d consecutive delays, with the random number %d, the timer fires after %d ms', async (delays, random, ms) => {
  const { clock, rung, pace } = setUp(random);
  pace.takes({ type: 'delay', delays });
  await clock.advance(60_000);
  expect(rung).toEqual([[ms, false]]);
});

test.each([
  [3, 3_000],
  [1e15, 240_000],
  [Number.POSITIVE_INFINITY, 240_000],
])('a delay of %d s from a server is used up to a maximum', async (seconds, ms) => {
  const { clock, rung, pace } = setUp();
  pace.takes({ type: 'delay', delays: 0, seconds });
  await clock.advance(1_000_000);
  expect(rung).toEqual([[ms, false]]);
});

test('the pace reports whether the connection has answered since it was probed', async () => {
  const { clock, rung, state, pace } = setUp();
  state.answers = 5;
  for (const answers of [5, 5, 6]) {
    pace.takes({ type: 'timer', ms: 1 });
    if (rung.length === 1) pace.takes({ type: 'probe' });
    state.answers = answers;
    await clock.advance(1);
  }
  expect(rung.map(([, alive]) => alive)).toEqual([false, false, true]);
  expect(state.probes).toBe(1);
});

test('the timer can be stopped, and the pace handles only its own effects', async () => {
  const { clock, rung, pace } = setUp();
  pace.takes({ type: 'timer', ms: 1 });
  expect(pace.takes({ type: 'settle' })).toBe(false);
  pace.takes({ type: 'timer', ms: undefined });
  await clock.advance(10);
  expect(rung).toEqual([]);
});
