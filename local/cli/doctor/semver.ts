/** The numbers of a version, without the suffix. */
export type Version = readonly [major: number, minor: number, patch: number];

export function parseVersion(text: string): Version | undefined {
  const found = /(\d+)\.(\d+)\.(\d+)/.exec(text);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : undefined;
}

/**
 * Checks a version against a range of the form `^x.y.z` or `>=x.y.z`. This package's package.json uses only these
 * forms.
 */
export function satisfies(version: string, range: string): boolean {
  const have = parseVersion(version);
  const need = parseVersion(range);
  if (!have || !need) return false;
  const sameMajor = !range.startsWith('^') || have[0] === need[0];
  return sameMajor && compare(have, need) >= 0;
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
