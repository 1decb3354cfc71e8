import { FAULTS, type FaultProfile, type FaultRule } from './faults';

/**
 * Checks a profile that a user has written.
 *
 * @returns the profile
 * @throws Error that names the rule, if a rule is invalid
 */
export function checkProfile(profile: FaultProfile): FaultProfile {
  const sums = new Map<string, number>();
  profile.rules.forEach((rule, index) => {
    const problem = problemOf(rule);
    if (problem !== undefined) throw new Error(`rules[${index}] of the chaos profile: ${problem}`);
    sums.set(rule.at, (sums.get(rule.at) ?? 0) + rule.chance);
  });
  for (const [at, sum] of sums) {
    if (sum > 1) throw new Error(`the chances of the rules at \`${at}\` must add up to at most 1, got: ${sum}`);
  }
  return profile;
}

function problemOf({ at, fault, chance, ms, calls }: FaultRule): string | undefined {
  if (!Object.hasOwn(FAULTS, at)) return `\`at\` must be one of ${Object.keys(FAULTS).join(', ')}, got: ${at}`;
  const faults = FAULTS[at];
  if (!Object.hasOwn(faults, fault)) {
    return `\`fault\` at ${at} must be one of ${Object.keys(faults).join(', ')}, got: ${fault}`;
  }
  if (!(chance >= 0 && chance <= 1)) return `\`chance\` must be a number from 0 to 1, got: ${chance}`;
  if (ms && !isRange(ms)) return `\`ms\` must be two integers in ascending order, got: ${JSON.stringify(ms)}`;
  if (calls && !(isRange(calls) && calls[0] >= 1)) {
    return `\`calls\` must be two integers from 1 in ascending order, got: ${JSON.stringify(calls)}`;
  }
  return undefined;
}

const isRange = (range: readonly number[]): boolean =>
  range.length === 2 && range.every(Number.isInteger) && Number(range[0]) <= Number(range[1]);
