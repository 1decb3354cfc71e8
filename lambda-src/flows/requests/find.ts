import { REQUESTS } from '../../../src/contract';
import { decodeRequest, type Owner, type RequestItem, requestKey } from '../../core';
import { StreamerError } from '../../protocol';
import type { Deps } from '../ports';

/** @throws StreamerError `NOT_FOUND` if the owner has no such request, or its retention is over */
export async function findRequest(
  { store, platform }: Pick<Deps, 'store' | 'platform'>,
  owner: Owner,
  id: string,
): Promise<RequestItem> {
  const item = await store.get('requests', { [REQUESTS.partitionKey]: requestKey(owner, id) });
  // time to live removes an item some time after its end
  if (!item || Number(item.expiresAt) * 1000 < platform.now()) throw notFound(id);
  return decodeRequest(item);
}

export const notFound = (id: string): StreamerError =>
  new StreamerError('NOT_FOUND', `There is no request ${id} of this user.`);
