import { REQUESTS } from '../../src/contract';
import { CONSTANTS } from '../protocol';
import { type Owner, requestKey, userKey } from './keys';
import type { Item, Key } from './write';

const ID = new RegExp(CONSTANTS.patterns.requestId);

/** Place of a request in the list of its user: its key in the index. */
export const placeOf = (request: Item): Key => ({
  [REQUESTS.partitionKey]: String(request[REQUESTS.partitionKey]),
  [REQUESTS.byUser.partitionKey]: String(request[REQUESTS.byUser.partitionKey]),
  [REQUESTS.byUser.sortKey]: Number(request[REQUESTS.byUser.sortKey]),
});

/**
 * Encodes a place in the list of a user for the client. The cursor does not contain the user. So a changed cursor can only lead to a place in the list of the
 * connection's own user.
 */
export function toCursor(place: Key): string {
  const key = String(place[REQUESTS.partitionKey]);
  // the id is the last part of the key and contains no separator
  const id = key.slice(key.lastIndexOf('#') + 1);
  return Buffer.from(JSON.stringify([place[REQUESTS.byUser.sortKey], id])).toString('base64url');
}

/** Returns the place in the owner's list; undefined if the cursor does not come from this server. */
export function fromCursor(owner: Owner, cursor: string): Key | undefined {
  const [createdAt, id] = parse(cursor);
  if (!Number.isSafeInteger(createdAt) || typeof id !== 'string' || !ID.test(id)) return undefined;
  return placeOf({ requestKey: requestKey(owner, id), userKey: userKey(owner), createdAt });
}

function parse(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
