import { createHash } from 'node:crypto';

/** Returns letters and digits that depend only on the key, so that each run uses the same ids. */
export function stableId(key: string, length: number): string {
  const digest = BigInt(`0x${createHash('sha256').update(key).digest('hex')}`);
  return digest.toString(36).padStart(length, '0').slice(-length);
}

/** Returns a UUID of version 4 that depends only on the key. */
export function stableUuid(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/**
 * Returns the name `<stack>-<logicalId>`, shortened if AWS allows fewer characters. A changed name ends with a hash, so
 * that two resources never have the same name.
 */
export function physicalName(stackName: string, logicalId: string, rule: { max: number; lowerCase?: boolean }): string {
  const full = `${stackName}-${logicalId}`;
  const name = rule.lowerCase ? full.toLowerCase() : full;
  if (name === full && name.length <= rule.max) {
    return name;
  }
  const hash = stableId(full, 6);
  return `${name.slice(0, rule.max - hash.length - 1).replace(/-+$/, '')}-${hash}`;
}
