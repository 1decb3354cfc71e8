import { createHash } from 'node:crypto';
import { logKey, type Owner, type RequestItem, requestKey } from '../../core';

/**
 * Keys of the objects in the bucket of payloads. Only the server chooses a key, and each key begins with the tenant. A key contains no name of a user,
 * and only characters that need no escaping in a URL.
 */

const MAX_TENANT_CHARS = 128;
const DAY_MS = 86_400_000;

/**
 * Returns the tenant as the first part of a key. Other characters than letters, digits, `_` and `-` are escaped, and a long name is replaced by its
 * hash. A hash begins with `~`, so that no two tenants have the same part.
 */
function tenantPart(tenant: string): string {
  const escaped = tenant.replace(/[^A-Za-z0-9_-]/g, (char) => `.${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return escaped.length <= MAX_TENANT_CHARS ? escaped : `~${digest(tenant)}`;
}

const digest = (text: string): string => createHash('sha256').update(text, 'utf16le').digest('base64url');

/**
 * Key of an uploaded input. The day is part of the key, so that the age of an object that a request refers to is known: a lifecycle rule deletes the
 * object later than the request.
 *
 * @param sha256 SHA-256 of the input in base64
 */
export function inputObjectKey(owner: Owner, id: string, sha256: string, now: number): string {
  const content = Buffer.from(sha256, 'base64').toString('base64url');
  return `${tenantPart(owner.tenant)}/in/${digest(requestKey(owner, id))}/${Math.floor(now / DAY_MS)}-${content}`;
}

/** Keys under which the input of a request may have been uploaded: today or yesterday. */
export const inputObjectKeys = (owner: Owner, id: string, sha256: string, now: number): readonly string[] => [
  inputObjectKey(owner, id, sha256, now),
  inputObjectKey(owner, id, sha256, now - DAY_MS),
];

/** Key of the result of a claim. Each claim has a different key, so that a stale claim cannot replace the result. */
export const resultObjectKey = (request: RequestItem): string =>
  `${tenantPart(request.tenant)}/out/${digest(logKey(request))}/${request.fence}`;
