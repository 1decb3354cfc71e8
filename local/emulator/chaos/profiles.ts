import type { FaultProfile, FaultRule } from './faults';

const NETWORK: readonly FaultRule[] = [
  { at: 'handshake', fault: 'refuse', chance: 0.1 },
  { at: 'connection', fault: 'cut', chance: 0.65, ms: [100, 15_000] },
  { at: 'connection', fault: 'half-open', chance: 0.1, ms: [100, 20_000] },
  { at: 'connection', fault: 'late-open', chance: 0.1, ms: [50, 1_000] },
  { at: 'connection', fault: 'full-buffer', chance: 0.1, ms: [500, 5_000] },
  { at: 'disconnect', fault: 'lose', chance: 0.2 },
  { at: 'post', fault: 'throttle', chance: 0.02 },
  { at: 'post', fault: 'lose', chance: 0.01 },
];

const CRASHES: readonly FaultRule[] = [
  { at: 'invocation', fault: 'kill', chance: 0.08, calls: [1, 8] },
  { at: 'invocation', fault: 'kill', chance: 0.25, calls: [9, 400] },
  { at: 'init', fault: 'kill', chance: 0.03 },
  { at: 'invocation', fault: 'freeze', chance: 0.03, calls: [1, 60], ms: [1_000, 20_000] },
  { at: 'invocation', fault: 'throttle', chance: 0.03 },
];

const HINTS: readonly FaultRule[] = [
  { at: 'record', fault: 'lose', chance: 0.01 },
  { at: 'record', fault: 'duplicate', chance: 0.05 },
  { at: 'record', fault: 'late', chance: 0.05, ms: [100, 3_000] },
  { at: 'record', fault: 'reorder', chance: 0.05 },
  { at: 'record', fault: 'poison', chance: 0.01 },
  { at: 'batch', fault: 'again', chance: 0.02 },
  { at: 'message', fault: 'lose', chance: 0.01 },
  { at: 'message', fault: 'duplicate', chance: 0.05 },
  { at: 'message', fault: 'late', chance: 0.05, ms: [100, 5_000] },
  { at: 'message', fault: 'poison', chance: 0.01 },
];

const STORE: readonly FaultRule[] = [
  ...(['read', 'write', 'send', 'call'] as const).flatMap((at): FaultRule[] => [
    { at, fault: 'throttle', chance: 0.01 },
    { at, fault: 'error', chance: 0.005 },
    { at, fault: 'drop', chance: 0.005 },
    { at, fault: 'unanswered', chance: 0.005 },
    { at, fault: 'slow', chance: 0.02, ms: [20, 500] },
  ]),
  { at: 'send', fault: 'partial', chance: 0.02 },
  { at: 'index', fault: 'lag', chance: 0.2, ms: [200, 5_000] },
];

const CLOCKS: readonly FaultRule[] = [
  { at: 'clock', fault: 'skew', chance: 0.4, ms: [-4_000, 4_000] },
  { at: 'clock', fault: 'jump', chance: 0.1, ms: [-4_000, 4_000], calls: [1, 40] },
];

/** The profiles by name, in the order in which pages and messages list them. */
export const PROFILES: ReadonlyMap<string, FaultProfile> = new Map<string, FaultProfile>([
  ['calm', { description: 'no faults', rules: [] }],
  [
    'network',
    {
      description:
        'connections and frames are lost, handshakes fail, posts are throttled, clients do not read, `$disconnect` is lost',
      rules: NETWORK,
    },
  ],
  [
    'crashes',
    {
      description:
        'functions are killed at their calls and during init, frozen and throttled; records and messages are lost, repeated, late and out of order',
      rules: [...CRASHES, ...HINTS],
    },
  ],
  [
    'store',
    {
      description:
        'calls to AWS are throttled, fail, and take effect without an answer; indexes lag; a service is unavailable for a minute',
      rules: STORE,
      outages: { services: ['dynamodb', 'sqs', 'execute-api'], everyMs: [120_000, 600_000], lastsMs: 60_000 },
    },
  ],
  ['clocks', { description: 'the clocks of the functions differ by up to eight seconds, and are set', rules: CLOCKS }],
  [
    'harshest',
    {
      description: 'all faults of the other profiles',
      rules: [...NETWORK, ...CRASHES, ...HINTS, ...STORE, ...CLOCKS],
      outages: { services: ['dynamodb', 'sqs', 'execute-api'], everyMs: [60_000, 240_000], lastsMs: 60_000 },
    },
  ],
]);

/**
 * Returns a profile by its name.
 *
 * @throws Error that lists the profiles, if there is no profile with this name
 */
export function profileOf(name: string): FaultProfile {
  const profile = PROFILES.get(name);
  if (profile) return profile;
  const known = [...PROFILES].map(([each, { description }]) => `  ${each}: ${description}`);
  throw new Error(`there is no chaos profile ${JSON.stringify(name)}. The profiles are:\n${known.join('\n')}`);
}
