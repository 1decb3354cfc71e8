/** Returns the median. For an even number of values, that is the mean of the two middle values. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/**
 * Returns the value below which `rank` percent of the values lie, interpolated between neighbours.
 *
 * @throws RangeError if there are no values
 */
export function percentile(values: readonly number[], rank: number): number {
  if (values.length === 0) throw new RangeError('no values to take a percentile of');
  const sorted = values.toSorted((a, b) => a - b);
  const position = ((sorted.length - 1) * rank) / 100;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below + (above - below) * (position - Math.floor(position));
}

/** Returns the items in random order (Fisher and Yates). @param random uniformly distributed number in [0, 1) */
export function shuffle<T>(items: readonly T[], random: () => number = Math.random): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
  }
  return shuffled;
}

/** Rounds to the given number of significant digits. More digits would only show noise. */
export function significant(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}

/**
 * Measures each subject once per round. The order of the subjects is random in each round, so that other load of the machine affects all subjects
 * equally.
 *
 * @param sample measures the subject once
 * @returns the samples by subject
 */
export async function interleave<Subject>(
  subjects: readonly Subject[],
  rounds: number,
  sample: (subject: Subject) => Promise<number>,
): Promise<Map<Subject, number[]>> {
  const samples = new Map<Subject, number[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round++) {
    for (const subject of shuffle(subjects)) samples.get(subject)?.push(await sample(subject));
  }
  return samples;
}

/** Divides each value by the other value at the same index. If the samples were interleaved, the result is the ratio of each round. */
export function ratios(values: readonly number[], others: readonly number[]): number[] {
  if (values.length !== others.length) throw new RangeError(`${values.length} values, ${others.length} others`);
  return values.map((value, index) => value / others[index]);
}
