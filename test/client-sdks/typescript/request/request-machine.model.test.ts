import * as fc from 'fast-check';
import type { ProgressReport } from '../../../../client-sdks/typescript/src/request/request-state';
import { LIMITS, UNANSWERED } from '../../../../client-sdks/typescript/src/wire/protocol';
import { type Action, World } from '../support/model-world';

/**
 * A network may drop, repeat, delay and cut anything. The application still sees the same as over an uncut connection, except progress that was lost.
 */

const pick = fc.nat({ max: 7 });
const simple = (kind: 'cut' | 'connect' | 'timer' | 'pong') => fc.constant<Action>({ kind });
const picking = (kind: Extract<Action, { pick: number }>['kind']) => pick.map<Action>((n) => ({ kind, pick: n }));
const often = ['event', 'event', 'event', 'progress', 'progress', 'progress', 'progress'] as const;
const works = [...often, ...often, 'snapshot', 'snapshot', 'attempt', 'error', 'result', 'redrive', 'redrive'] as const;
const work = fc.record({
  kind: fc.constant('work' as const),
  work: fc.constantFrom(...works),
  percentage: fc.integer({ min: 0, max: 100 }),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: work },
  { weight: 6, arbitrary: picking('deliver') },
  { weight: 4, arbitrary: picking('serve') },
  { weight: 2, arbitrary: picking('repeat') },
  { weight: 1, arbitrary: picking('drop') },
  { weight: 1, arbitrary: picking('drop-message') },
  { weight: 2, arbitrary: simple('connect') },
  { weight: 1, arbitrary: simple('cut') },
  { weight: 1, arbitrary: simple('timer') },
  { weight: 1, arbitrary: simple('pong') },
  { weight: 1, arbitrary: picking('throttle') },
  { weight: 1, arbitrary: picking('unknown') },
  { weight: 1, arbitrary: picking('refuse') },
);

/** A connection that works, but whose server sends little. */
const silent: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: simple('timer') },
  { weight: 4, arbitrary: simple('pong') },
  { weight: 4, arbitrary: picking('drop-message') },
  { weight: 2, arbitrary: picking('drop') },
  { weight: 1, arbitrary: action },
);

function run(actions: readonly Action[], world = new World()): World {
  for (const next of [{ kind: 'connect' } as const, { kind: 'serve', pick: 0 } as const, ...actions]) world.act(next);
  world.finish();
  return world;
}

/** Whether the request was sent as often as allowed, and no frame has named it. */
const isUnanswered = ({ outcomes: [outcome] }: World) => outcome?.ok === false && outcome.error === UNANSWERED;

/** Returns the offset of the log entry that settled a world's request. */
function settledAt({ log, outcomes: [outcome] }: World): number {
  return log.findIndex((entry) =>
    outcome?.ok
      ? entry.type === 'result' && entry.result === outcome.result
      : entry.type === 'error' && entry.error === outcome?.error,
  );
}

function fallsWithinAttempt(reports: readonly ProgressReport[]): boolean {
  return reports.some((report, i) => {
    const last = reports[i - 1];
    const isSame = report.run === last?.run && report.attempt === last.attempt;
    return isSame && report.percentage < last.percentage;
  });
}

const listsOf = (each: fc.Arbitrary<Action>) => fc.array(each, { minLength: 10, maxLength: 80, size: 'max' });
const actionLists = fc.oneof({ weight: 3, arbitrary: listsOf(action) }, { weight: 1, arbitrary: listsOf(silent) });
const runs = 4_000;

test('Every request is settled exactly once, with the end of the latest run that it has seen or of a later run', () => {
  fc.assert(
    fc.property(actionLists, (actions) => {
      const world = run(actions);
      expect(world.outcomes).toHaveLength(1);
      if (isUnanswered(world)) {
        expect(world.isNamed).toBe(false);
        expect(world.sends).toBeGreaterThanOrEqual(LIMITS.sends);
        return;
      }
      const end = world.log[settledAt(world)];
      expect(end?.run).toBeGreaterThanOrEqual(world.namedRun);
    }),
    { numRuns: runs },
  );
});

test('The delivered events are those of the log up to its end, in order, without gaps and duplicates', () => {
  fc.assert(
    fc.property(actionLists, (actions) => {
      const world = run(actions);
      if (isUnanswered(world)) return expect(world.events).toEqual([]);
      const uncut = world.log
        .slice(0, settledAt(world))
        .filter((entry) => entry.type === 'event' && entry.name !== '$attempt');
      expect(world.events).toEqual(uncut.map(({ offset }) => offset));
    }),
    { numRuns: runs },
  );
});

test('A late viewer gets at most one snapshot before all events, and exactly the events from its offset on', () => {
  let [late, early] = [0, 0];
  const before = fc.array(work, { maxLength: 12 });
  fc.assert(
    fc.property(before, actionLists, (worked, actions) => {
      const world = new World(true);
      for (const each of worked) world.act(each);
      run(actions, world);
      const [snapshot, ...more] = world.snapshots;
      expect(more).toEqual([]);
      if (snapshot) {
        expect(snapshot).toMatchObject({ after: 0, skipped: snapshot.offset, data: `before ${snapshot.offset}` });
        late += 1;
      } else early += 1;
      const start = snapshot?.offset ?? 0;
      expect(world.outcomes).toHaveLength(1);
      const uncut = world.log
        .slice(start, settledAt(world))
        .filter((entry) => entry.type === 'event' && entry.name !== '$attempt');
      expect(world.events).toEqual(uncut.map(({ offset }) => offset));
    }),
    { numRuns: runs },
  );
  expect(late).toBeGreaterThan(500);
  expect(early).toBeGreaterThan(500);
});

test('Within an attempt the percentage never falls, and no older attempt is reported again', () => {
  fc.assert(
    fc.property(actionLists, (actions) => {
      const { progress } = run(actions);
      expect(fallsWithinAttempt(progress)).toBe(false);
      const places = progress.map(
        ({ run, attempt, metadata }) => (run * 1_000 + attempt) * 1_000 + Number(metadata?.seq),
      );
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    }),
    { numRuns: runs },
  );
});

test('The model reaches gaps, several runs, lost connections and progress', () => {
  const reached = fc.sample(actionLists, { numRuns: 500, seed: 1 }).map((actions) => run(actions));
  expect(reached.filter(({ log }) => log.some((entry) => entry.run > 1)).length).toBeGreaterThan(20);
  expect(reached.filter(({ events }) => events.length > 3).length).toBeGreaterThan(20);
  expect(reached.filter(({ progress }) => progress.length > 2).length).toBeGreaterThan(20);
  expect(reached.filter(isUnanswered).length).toBeGreaterThan(2);
});
