import { SEED } from '../../../support/seed';
import { Simulation, type SimulationOptions } from './simulation';
import { TopicSimulation } from './topics-simulation';

/** A property that holds for each seed of a simulation. A counterexample is a seed, because the same seed gives the same trace. */
export interface SeededProperty {
  readonly name: string;
  /** Share of the seeds for which the property is checked. Larger simulations get a smaller share. */
  readonly share: number;
  /** Returns the violations in one simulation, and the end of its trace. */
  readonly violations: (seed: number) => Promise<readonly string[]>;
}

async function violationsOf(options: SimulationOptions): Promise<readonly string[]> {
  const simulation = new Simulation(options);
  await simulation.run();
  const violations = [...simulation.violations];
  if (options.neverStarts) violations.push(...(await otherEnds(simulation)));
  return violations.length > 0 ? [...violations, ...simulation.trace.slice(-40)] : [];
}

async function otherEnds(simulation: Simulation): Promise<string[]> {
  const codes = await simulation.endsOf('r0');
  return codes.filter((code) => !['NOT_STARTED', 'CANCELLED'].includes(code)).map((code) => `it ends with ${code}`);
}

async function topicViolations(seed: number, faults: boolean): Promise<readonly string[]> {
  const simulation = new TopicSimulation(seed, faults);
  await simulation.run();
  return simulation.violations;
}

/** One attempt at a time. */
export const SERIAL = { requests: 3, chaosSteps: 120, caps: [{ scope: 'action', max: 1 }] } as const;
/** Two caps, of which the requests wait for the one or the other. */
export const CAPPED = {
  requests: 5,
  chaosSteps: 200,
  processors: 4,
  caps: [
    { scope: 'input', property: 'group', max: 1 },
    { scope: 'tenant', max: 2 },
  ],
} as const;

/** Requests that are cancelled after their viewers have left. */
export const LEFT = { requests: 2, chaosSteps: 120, cancelAfterMs: 15_000 } as const;

/** Design, "What must always hold", 1 to 3: two processors, sweeper and dispatcher in any order, with crashes between any two writes. */
export const REQUEST_PROPERTIES: readonly SeededProperty[] = [
  {
    name: 'no acknowledged request is lost, each transition is made once and each log ends once',
    share: 1,
    violations: (seed) => violationsOf({ seed, requests: 1 }),
  },
  {
    name: 'the same holds for several requests at once',
    share: 1 / 10,
    violations: (seed) => violationsOf({ seed, requests: 3 }),
  },
  {
    name: 'a request that no processor ever claims ends with NOT_STARTED',
    share: 1 / 500,
    violations: (seed) => violationsOf({ seed, neverStarts: true }),
  },
  {
    name: 'attempts of a serial action do not overlap: one request at a time is claimed',
    share: 1 / 15,
    violations: (seed) => violationsOf({ seed, ...SERIAL }),
  },
  {
    name: 'no cap is exceeded, and every request that waits for a slot comes to its turn',
    share: 1 / 15,
    violations: (seed) => violationsOf({ seed, ...CAPPED }),
  },
  {
    name: 'a request is cancelled in time if its viewers leave for good, and continues if a viewer comes back in time',
    share: 1 / 10,
    violations: (seed) => violationsOf({ seed, ...LEFT }),
  },
];

/** Properties of topics. Notifiers and subscribers run in any order, with crashes, repetitions and lost frames. */
export const TOPIC_PROPERTIES: readonly SeededProperty[] = [
  {
    name: 'each message is written once, and no subscriber has a gap or a duplicate',
    share: 1,
    violations: (seed) => topicViolations(seed, true),
  },
  {
    name: 'without faults nothing is missed in any order of the steps: no subscriber has to subscribe again',
    share: 1 / 2,
    violations: (seed) => topicViolations(seed, false),
  },
];

/** Returns the seeds of a property. `runs` is the number of seeds for a property with a full share. */
export function seedsOf({ share }: SeededProperty, runs: number): number[] {
  return Array.from({ length: Math.max(10, Math.ceil(runs * share)) }, (_, n) => (SEED + n) >>> 0);
}
