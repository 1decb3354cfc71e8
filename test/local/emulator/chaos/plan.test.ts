import fc from 'fast-check';
import {
  FAULTS,
  type FaultPlace,
  FaultPlan,
  type FaultProfile,
  PROFILES,
  profileOf,
} from '../../../../local/emulator/chaos';

const PLACES = Object.keys(FAULTS) as FaultPlace[];
const HARSHEST = profileOf('harshest');
const throttled = (chance: number): FaultProfile => ({
  description: 'throttled posts',
  rules: [{ at: 'post', fault: 'throttle', chance, ms: [10, 20], calls: [3, 4] }],
});

test('the decisions of a place depend only on the seed and on the number of the occurrence', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.constantFrom(...PLACES), { maxLength: 200 }), (seed, order) => {
      const mixed = new FaultPlan(seed, HARSHEST);
      const decided = order.map((place) => ({ place, fault: mixed.next(place) }));
      for (const place of PLACES) {
        const alone = new FaultPlan(seed, HARSHEST);
        const expected = decided.filter((each) => each.place === place).map(({ fault }) => fault);
        expect(expected.map(() => alone.next(place))).toEqual(expected);
      }
    }),
  );
});

test('another seed gives other decisions', () => {
  const decisions = (seed: number) => {
    const plan = new FaultPlan(seed, throttled(0.5));
    return Array.from({ length: 100 }, () => plan.next('post') !== undefined);
  };
  expect(decisions(1)).not.toEqual(decisions(2));
});

test('the chance of a fault determines how often it is chosen, with values from its ranges', () => {
  const plan = new FaultPlan(1, throttled(0.2));
  const chosen = Array.from({ length: 10_000 }, () => plan.next('post')).flatMap((fault) => fault ?? []);
  expect(chosen.length).toBeGreaterThan(1_800);
  expect(chosen.length).toBeLessThan(2_200);
  expect(new Set(chosen.map(({ ms }) => ms))).toEqual(new Set([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]));
  expect(new Set(chosen.map(({ call }) => call))).toEqual(new Set([3, 4]));
});

test('a rule applies only to its place', () => {
  const plan = new FaultPlan(1, throttled(1));
  expect(plan.next('read')).toBeUndefined();
  expect(plan.next('post')).toMatchObject({ at: 'post', fault: 'throttle', occurrence: 0 });
});

test('a fault counts when it has taken effect, and not when it is chosen', () => {
  const reported: string[] = [];
  const plan = new FaultPlan(1, throttled(1), (fault) => reported.push(fault));
  const fault = plan.next('post');
  expect(plan.total).toBe(0);
  if (fault) plan.took(fault);
  expect(plan.injected).toEqual({ 'post throttle': 1 });
  expect(reported).toEqual(['post throttle']);
});

test('after the end of the faults, none is chosen', () => {
  const plan = new FaultPlan(1, HARSHEST);
  plan.stop();
  expect(PLACES.flatMap((place) => Array.from({ length: 50 }, () => plan.next(place) ?? []).flat())).toEqual([]);
  expect(Array.from({ length: 1_000 }, (_, second) => plan.isDown('sqs', second * 1_000))).not.toContain(true);
});

test('in an outage, one service is down for the time of the profile, and the outage counts once', () => {
  const outages = { services: ['a', 'b'], everyMs: [10_000, 20_000], lastsMs: 5_000 } as const;
  const plan = new FaultPlan(3, { description: 'outages', rules: [], outages });
  const down = (service: string) => Array.from({ length: 2_000 }, (_, n) => plan.isDown(service, n * 100));
  const [a, b] = [down('a'), down('b')];
  expect(a.some((isDown, n) => isDown && b[n])).toBe(false);
  const count = (all: boolean[]) => all.filter((isDown, n) => isDown && !all[n - 1]).length;
  expect(plan.injected).toEqual({ 'outage a': count(a), 'outage b': count(b) });
  expect(a.filter(Boolean).length + b.filter(Boolean).length).toBeGreaterThan(300);
  expect(a.filter(Boolean).length % 50).toBe(0);
});

test('a service is asked about its outages in any order of time', () => {
  const outages = { services: ['a'], everyMs: [1_000, 9_000], lastsMs: 1_000 } as const;
  const times = Array.from({ length: 500 }, (_, n) => n * 100);
  const forward = new FaultPlan(1, { description: '', rules: [], outages });
  const backward = new FaultPlan(1, { description: '', rules: [], outages });
  const later = [...times].reverse().map((time) => backward.isDown('a', time));
  expect(times.map((time) => forward.isDown('a', time))).toEqual(later.reverse());
});

test('an unknown profile is refused with the names of all profiles', () => {
  expect(() => profileOf('harsh')).toThrow('there is no chaos profile "harsh". The profiles are:\n  calm: no faults');
  for (const name of PROFILES.keys()) expect(() => profileOf('harsh')).toThrow(`  ${name}: `);
});

test('the harshest profile contains each fault of each place, and the other profiles contain each fault', () => {
  const of = (names: string[]) =>
    new Set(names.flatMap((name) => profileOf(name).rules.map(({ at, fault }) => `${at} ${fault}`)));
  const all = new Set(PLACES.flatMap((place) => Object.keys(FAULTS[place]).map((fault) => `${place} ${fault}`)));
  expect(of(['harshest'])).toEqual(all);
  expect(of([...PROFILES.keys()].filter((name) => name !== 'harshest'))).toEqual(all);
});

test.each([...PROFILES])('the chances of the profile %s add up to at most 1 for each place', (_, { rules }) => {
  for (const place of PLACES) {
    const sum = rules.filter(({ at }) => at === place).reduce((total, { chance }) => total + chance, 0);
    expect(sum).toBeLessThanOrEqual(1);
  }
});
