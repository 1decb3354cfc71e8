import type { PayloadObject } from '../../core';
import type { Deps, Payloads } from '../ports';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Returns the string of an object; undefined if the object does not exist any more.
 *
 * @throws Error if the function has no access to the bucket, because the property `payloads` was removed from the API
 * @throws TypeError if the bytes are not UTF-8
 */
export async function readPayload(deps: Pick<Deps, 'payloads'>, object: PayloadObject): Promise<string | undefined> {
  const bytes = await payloadsOf(deps).get(object);
  return bytes && decoder.decode(bytes);
}

/** @throws Error if the function has no access to the bucket */
export function payloadsOf({ payloads }: Pick<Deps, 'payloads'>): Payloads {
  if (payloads) return payloads;
  throw new Error('a payload is in a bucket to which this function has no access: set `payloads` of the API again');
}
