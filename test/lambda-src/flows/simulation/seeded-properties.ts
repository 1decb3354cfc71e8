import { SEED } from '../../../support/seed';
import { Simulation, type SimulationOptions } from './simulation';
import { TopicSimulation } from './topics-simulation';

/** A property that holds for each seed of a simulation. A counterexample is a seed, because the same seed gives the same trace. */
export interface SeededProperty {
  readonly name: string;
  /** Share of the seeds for which the property is checked. Larger simulations get a smaller share. */
  readonly share: number;
  readonly simulate: (seed: number) => Promise<Simulated>;
  /** Minimum numbers of faults and other events in 1,000 simulations. If they were rarer, the property would prove little. */
  readonly least?: Readonly<Record<string, number>>;
}

interface Simulated {
  /** The violations, and the end of the trace. */
  readonly violations: readonly string[];
  /** Number of events of each kind. */
  readonly seen: Readonly<Record<string, number>>;
}

interface Counterexample {
  readonly seed: number;
  readonly violations: readonly string[];
}

/** Result of a property for some seeds. */
export interface Checked {
  /** The first counterexamples. */
  readonly counterexamples: readonly Counterexample[];
  /** Events that occurred less often than the property requires. */
  readonly rare: readonly string[];
}

const MAX_COUNTEREXAMPLES = 5;
/** With fewer seeds, chance decides how often an event occurs. */
const LEAST_SEEDS = 100;

/**
 * Simulates the seeds of a property until it has some counterexamples.
 *
 * @param runs number of seeds for a property with a full share
 * @param onSeed called after each seed, with the number of the seeds so far
 */
export async function check(
  { share, simulate, least = {} }: SeededProperty,
  runs: number,
  onSeed: (done: number, counterexample?: Counterexample) => void = () => undefined,
): Promise<Checked> {
  const seeds = Math.max(10, Math.ceil(runs * share));
  const seen: Record<string, number> = {};
  const counterexamples: Counterexample[] = [];
  for (let n = 0; n < seeds && counterexamples.length < MAX_COUNTEREXAMPLES; n++) {
    const seed = (SEED + n) >>> 0;
    const { violations, seen: once } = await simulate(seed);
    const counterexample = violations.length > 0 ? { seed, violations } : undefined;
    if (counterexample) counterexamples.push(counterexample);
    for (const [what, times] of Object.entries(once)) seen[what] = (seen[what] ?? 0) + times;
    onSeed(n + 1, counterexample);
  }
  const isRare = ([what, times]: [string, number]) => (seen[what] ?? 0) < (times * seeds) / 1_000;
  const rare = seeds < LEAST_SEEDS ? [] : Object.entries(least).filter(isRare);
  return { counterexamples, rare: rare.map(([what]) => `${what}: ${seen[what] ?? 0} times in ${seeds} simulations`) };
}

async function simulate(options: SimulationOptions): Promise<Simulated> {
  const simulation = new Simulation(options);
  await simulation.run();
  const violations = [...simulation.violations];
  if (options.neverStarts) violations.push(...(await otherEnds(simulation)));
  return { violations: endOfTrace(violations, simulation.trace), seen: simulation.seen };
}

const endOfTrace = (violations: readonly string[], trace: readonly string[]): readonly string[] =>
  violations.length > 0 ? [...violations, ...trace.slice(-40)] : [];

async function otherEnds(simulation: Simulation): Promise<string[]> {
  const codes = await simulation.endsOf('r0');
  return codes.filter((code) => !['NOT_STARTED', 'CANCELLED'].includes(code)).map((code) => `it ends with ${code}`);
}

async function simulateTopic(seed: number, faults: boolean): Promise<Simulated> {
  const simulation = new TopicSimulation(seed, faults);
  await simulation.run();
  return simulation;
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

/** Kinds of faults, and of what users do in between. */
const FAULTS = {
  death: 12,
  'lost message': 12,
  'lost record': 12,
  throttle: 12,
  'unknown write that took effect': 12,
  'unknown write that did not take effect': 12,
  attach: 12,
  'sent twice': 12,
  cancellation: 12,
  message: 12,
  'another run': 12,
  disconnect: 12,
};

/**
 * Rules 1 to 3 of "What must always hold" in docs/architecture.md: two processors, sweeper and dispatcher run in any order, with crashes between any
 * two writes.
 */
export const REQUEST_PROPERTIES: readonly SeededProperty[] = [
  {
    name: 'no acknowledged request is lost, each transition is made once and each log ends once',
    share: 1,
    simulate: (seed) => simulate({ seed, requests: 1 }),
    least: {
      acked: 500,
      takeover: 25,
      'earlier read': 12,
      slice: 60,
      ...FAULTS,
      'message acked': 500,
      'message repeated': 125,
      'message refused': 125,
      'message read': 125,
      'message readAgain': 6,
      'message carriedOn': 6,
      'message stopped': 12,
      'snapshot taken': 125,
      'snapshot read by a late viewer': 125,
    },
  },
  {
    name: 'the same holds for several requests at once',
    share: 1 / 20,
    simulate: (seed) => simulate({ seed, requests: 3 }),
  },
  {
    name: 'a request that no processor ever claims ends with NOT_STARTED',
    share: 1 / 500,
    simulate: (seed) => simulate({ seed, neverStarts: true }),
  },
  {
    name: 'attempts of a serial action do not overlap: one request at a time is claimed',
    share: 1 / 30,
    simulate: (seed) => simulate({ seed, ...SERIAL }),
    least: { parked: 1_000, woken: 1_000 },
  },
  {
    name: 'no cap is exceeded, and every request that waits for a slot comes to its turn',
    share: 1 / 30,
    simulate: (seed) => simulate({ seed, ...CAPPED }),
    least: { parked: 1_000, woken: 1_000, together: 500 },
  },
  {
    name: 'a request is cancelled in time if its viewers leave for good, and continues if a viewer comes back in time',
    share: 1 / 20,
    simulate: (seed) => simulate({ seed, ...LEFT }),
    least: { cancelled: 150, returned: 40 },
  },
];

/** Properties of topics. Notifiers and subscribers run in any order, with crashes, repetitions and lost frames. */
export const TOPIC_PROPERTIES: readonly SeededProperty[] = [
  {
    name: 'each message is written once, and no subscriber has a gap or a duplicate',
    share: 1,
    simulate: (seed) => simulateTopic(seed, true),
    least: { crashes: 500, repetitions: 500, races: 500, lost: 400, gaps: 500, delivered: 500, parts: 500 },
  },
  {
    name: 'without faults nothing is missed in any order of the steps: no subscriber has to subscribe again',
    share: 1 / 5,
    simulate: (seed) => simulateTopic(seed, false),
  },
];
