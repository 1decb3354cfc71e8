import * as fc from 'fast-check';
import { advanceTopic } from '../../../../client-sdks/typescript/src/topic/topic-machine';
import {
  newTopic,
  type TopicEffect,
  type TopicInput,
  type TopicState,
} from '../../../../client-sdks/typescript/src/topic/topic-state';

const TIMES = { ackTimeoutMs: 8_000, watchMs: 30_000, pingMs: 240_000 };
const message = (offset: number, epoch = 'e') =>
  ({ type: 'frame', frame: { type: 'message', topic: 't', offset, epoch, data: offset } }) as const;
const ack = (offset: number, more: object = {}) =>
  ({ type: 'frame', frame: { type: 'ack', for: 'subscribe', topic: 't', epoch: 'e', offset, ...more } }) as TopicInput;

/** Returns the final state of a topic, and all effects that the machine requested. */
function run(inputs: readonly TopicInput[], from: TopicState = newTopic('t', {})) {
  let state = from;
  const effects: TopicEffect[] = [];
  for (const input of inputs) {
    const step = advanceTopic(state, input, TIMES);
    state = step.state;
    effects.push(...step.effects);
  }
  const delivered = effects.flatMap((effect) => (effect.type === 'message' ? [effect.message.offset] : []));
  return { state, effects, delivered, sends: effects.filter(({ type }) => type === 'send').length };
}

test('a subscribe without an answer is sent again at growing intervals, and the connection is probed', () => {
  const { effects } = run([{ type: 'open' }, { type: 'timer' }, { type: 'timer' }, { type: 'timer' }]);
  expect(effects.flatMap((effect) => (effect.type === 'timer' ? [effect.ms] : []))).toEqual([
    8_000, 16_000, 30_000, 30_000,
  ]);
  expect(effects.filter(({ type }) => type === 'probe')).toHaveLength(2);
});

test('after an ack without any missing message, the client does not subscribe again at once', () => {
  const asked = run([{ type: 'open' }, ack(0), message(3), ack(4), ack(4)]);
  expect(asked.delivered).toEqual([]);
  expect(asked.sends).toBe(2);
});

test('a gap causes one subscribe, however many messages follow it', () => {
  expect(run([{ type: 'open' }, ack(0), message(2), message(3), message(4)]).sends).toBe(2);
});

test('a topic that is refused or not connected sends nothing more', () => {
  const refusal = { type: 'error', topic: 't', error: { code: 'FORBIDDEN', message: '', retryable: false } } as const;
  expect(run([{ type: 'open' }, { type: 'frame', frame: refusal }, { type: 'timer' }, { type: 'open' }]).sends).toBe(1);
  expect(run([{ type: 'open' }, { type: 'lost' }, { type: 'timer' }]).sends).toBe(1);
});

test('an unexpected refusal changes nothing', () => {
  const refusal = { type: 'error', topic: 't', error: { code: 'FORBIDDEN', message: '', retryable: false } } as const;
  expect(run([{ type: 'open' }, ack(0), { type: 'frame', frame: refusal }]).state.over).toBe(false);
});

/** A server with a growing log, and a network that loses, repeats and reorders frames. */
const events = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('publish' as const), copies: fc.integer({ min: 0, max: 3 }) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('deliver' as const), at: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reconnect' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('timer' as const) }) },
  ),
  { maxLength: 60 },
);

test('each message is delivered once and in order, whatever is lost, repeated and overtaken', () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 0, max: 5 }), (script, start) => {
      let log = start;
      let flying: TopicInput[] = [];
      let state = newTopic('t', {});
      const delivered: number[] = [];
      const feed = (input: TopicInput) => {
        const step = advanceTopic(state, input, TIMES);
        state = step.state;
        for (const effect of step.effects) {
          if (effect.type === 'message') delivered.push(effect.message.offset);
          if (effect.type === 'recovered') expect(effect.recovered).toBe(true);
          if (effect.type === 'send') flying.push(answer(effect.offset));
        }
      };
      const answer = (from: number | undefined): TopicInput => {
        if (from === undefined) return ack(log);
        const to = Math.min(log, from + 3);
        const entries = Array.from({ length: to - from }, (_, i) => message(from + i).frame);
        return ack(to, { entries, recovered: true, ...(to < log && { more: true }) });
      };
      feed({ type: 'open' });
      for (const event of script) {
        if (event.kind === 'publish') {
          for (let i = 0; i < event.copies; i++) flying.push(message(log));
          log += 1;
        } else if (event.kind === 'deliver') {
          const [input] = flying.splice(event.at % Math.max(1, flying.length), 1);
          if (input) feed(input);
        } else if (event.kind === 'reconnect') {
          flying = [];
          feed({ type: 'lost' });
          feed({ type: 'open' });
        } else feed({ type: 'timer' });
      }
      // At the end, the network loses nothing.
      for (let i = 0; i < 200 && (flying.length > 0 || state.offset !== log); i++) {
        const input = flying.shift();
        feed(input ?? { type: 'timer' });
      }
      const first = delivered[0] ?? log;
      expect(delivered).toEqual(Array.from({ length: log - first }, (_, i) => first + i));
    }),
    { numRuns: 3_000 },
  );
});
