import { createHash } from 'node:crypto';

/** Letters and digits that depend on nothing but the key, so that a second run gives the same names. */
export function stableId(key: string, length: number): string {
  const digest = BigInt(`0x${createHash('sha256').update(key).digest('hex')}`);
  return digest.toString(36).padStart(length, '0').slice(-length);
}

/** A version 4 shaped UUID that depends on nothing but the key. */
export function stableUuid(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/**
 * `<stack>-<logicalId>`, shortened where AWS allows less. A name that had to be changed ends with a hash, so that two
 * resources never share one.
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
