import * as fc from 'fast-check';
import {
  advanceSuccession,
  IDLE,
  type Succession,
  type SuccessionEffect,
  type SuccessionInput,
} from '../../../../client-sdks/typescript/src/connection/succession';
import { DEFAULT_TIMING } from '../../../../client-sdks/typescript/src/wire/protocol';

/** An input of the machine, or an event of its surroundings. `late` fires the timer after a sleep; `wait` only moves the time. */
type Act =
  | 'accept'
  | 'refuse'
  | 'refuse-finally'
  | 'moved'
  | 'lost'
  | 'renew'
  | 'timer'
  | 'late'
  | 'awake'
  | 'open'
  | 'wait';

const HOUR_MS = 3_600_000;

/** A machine with its timer and its connections. */
class Model {
  now = 0;
  state: Succession = IDLE;
  timerAt: number | undefined;
  /** Time at which the current connection was opened; undefined without a connection. */
  openedAt: number | undefined;
  hasPrevious = false;
  isOpening = false;
  /** Ages of connections at which the handshake of their first successor began, except those for another token. */
  readonly ages: number[] = [];
  overdue = 0;
  private isFirst = true;

  constructor(private readonly random: () => number) {}

  act(act: Act): void {
    const { openedAt } = this;
    if (act === 'wait') this.now += 60_000;
    if (act === 'open' && openedAt === undefined) this.opened();
    if (openedAt === undefined) return;
    if (act === 'accept' && this.isOpening) this.input({ type: 'accepted' });
    if (act === 'refuse' && this.isOpening) this.refuse(false);
    if (act === 'refuse-finally' && this.isOpening) this.refuse(true);
    if (act === 'moved') this.input({ type: 'moved' });
    if (act === 'lost') this.lost();
    if (act === 'renew' && !this.state.renews) this.input({ type: 'renew', failures: 0 });
    if (act === 'timer') this.fire(0);
    if (act === 'late') this.fire(HOUR_MS);
    if (act === 'awake') this.input({ type: 'awake' });
  }

  fire(lateMs: number): void {
    if (this.timerAt === undefined) return;
    this.now = Math.max(this.now, this.timerAt) + lateMs;
    this.timerAt = undefined;
    this.input({ type: 'timer' });
  }

  private opened(): void {
    this.openedAt = this.now;
    this.isFirst = true;
    this.input({ type: 'opened' });
  }

  private refuse(isFinal: boolean): void {
    this.isOpening = false;
    this.input({ type: 'refused', isFinal });
  }

  private lost(): void {
    this.openedAt = undefined;
    this.hasPrevious = false;
    this.isOpening = false;
    this.input({ type: 'lost' });
  }

  private input(input: SuccessionInput): void {
    const around = { now: this.now, random: this.random(), timing: DEFAULT_TIMING };
    const { state, effects } = advanceSuccession(this.state, input, around);
    this.state = state;
    for (const effect of effects) this.carryOut(effect);
  }

  private carryOut(effect: SuccessionEffect): void {
    if (effect.type === 'timer') this.timerAt = effect.ms === undefined ? undefined : this.now + effect.ms;
    if (effect.type === 'open') this.onOpen();
    if (effect.type === 'move') this.onMove();
    if (effect.type === 'end-previous') this.hasPrevious = false;
    if (effect.type === 'overdue') this.overdue += 1;
    if (effect.type === 'drop') this.lost();
  }

  private onOpen(): void {
    expect({ isOpening: this.isOpening, hasPrevious: this.hasPrevious }).toEqual({
      isOpening: false,
      hasPrevious: false,
    });
    if (this.isFirst && !this.state.renews) this.ages.push(this.now - (this.openedAt ?? 0));
    this.isFirst = false;
    this.isOpening = true;
  }

  private onMove(): void {
    expect(this.isOpening).toBe(true);
    this.isOpening = false;
    this.hasPrevious = true;
    this.openedAt = this.now;
    this.isFirst = true;
  }
}

const acts = (...names: Act[]) =>
  fc.record({
    randoms: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 5, maxLength: 5 }),
    acts: fc.array(fc.constantFrom(...names), { maxLength: 80, size: 'max' }),
  });

function run({ randoms, acts: all }: { randoms: number[]; acts: Act[] }): Model {
  let drawn = 0;
  const model = new Model(() => randoms[drawn++ % randoms.length] as number);
  model.act('open');
  for (const act of all) model.act(act);
  return model;
}

test('A connection has one successor at a time, which is opened only after the previous connection has ended', () => {
  const any = acts(
    'accept',
    'refuse',
    'refuse-finally',
    'moved',
    'lost',
    'renew',
    'timer',
    'late',
    'awake',
    'open',
    'wait',
  );
  fc.assert(
    fc.property(any, (plan) => {
      const model = run(plan);
      expect(model.hasPrevious).toBe(model.state.stage === 'moving');
      expect(model.isOpening).toBe(model.state.stage === 'opening');
      // Without a timer, the machine waits for an input that must come, or for nothing.
      if (model.state.stage === 'waiting') expect(model.timerAt).toBeDefined();
    }),
  );
});

test('With timers in time, each successor is opened at an age between 100 and 115 minutes', () => {
  fc.assert(
    fc.property(acts('accept', 'accept', 'refuse', 'moved', 'timer', 'timer', 'awake'), (plan) => {
      const { ages } = run(plan);
      for (const age of ages) {
        // The numbers are not exact.
        expect(age).toBeGreaterThanOrEqual(100 * 60_000 - 1);
        expect(age).toBeLessThanOrEqual(115 * 60_000 + 1);
      }
    }),
  );
});

test('Even if a successor is refused four times, five attempts are made before the connection is two hours old', () => {
  fc.assert(
    fc.property(acts('wait'), ({ randoms }) => {
      const model = run({ randoms, acts: [] });
      for (let attempt = 0; attempt < 5; attempt++) {
        model.fire(0);
        expect(model.isOpening).toBe(true);
        if (attempt < 4) model.act('refuse');
      }
      expect(model.now).toBeLessThan(2 * HOUR_MS);
    }),
  );
});

test('A successor that is due after a sleep is opened at once, and a timer that is not due is corrected', () => {
  const model = run({ randoms: [0], acts: [] });
  model.now = 90 * 60_000;
  model.act('awake');
  expect(model.timerAt).toBe(100 * 60_000);
  model.now = 101 * 60_000;
  model.act('awake');
  expect(model.isOpening).toBe(true);
});

test('Messages that the previous connection does not answer within 30 seconds are sent again', () => {
  const model = run({ randoms: [0], acts: ['timer', 'accept'] });
  expect(model.timerAt).toBe(model.now + 30_000);
  model.act('timer');
  expect(model).toMatchObject({ overdue: 1, hasPrevious: true });
  model.act('moved');
  expect(model).toMatchObject({ hasPrevious: false, timerAt: model.now - 30_000 + 100 * 60_000 });
});

test('An expired token opens a successor within 500 ms, and ends the previous connection first', () => {
  const model = run({ randoms: [0.5], acts: ['timer', 'accept', 'renew'] });
  expect(model).toMatchObject({ hasPrevious: false, timerAt: model.now + 250 });
});

test('A token that expires while the successor is opened needs no other successor', () => {
  const model = run({ randoms: [0.5], acts: ['timer', 'renew'] });
  expect(model.state).toMatchObject({ stage: 'opening', renews: true });
  model.act('refuse');
  expect(model.openedAt).toBeUndefined();
});
