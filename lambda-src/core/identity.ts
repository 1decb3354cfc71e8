import type { Owner } from './keys';

/** Who names no tenant belongs to this one. */
export const DEFAULT_TENANT = 'default';

/** UTF-16 code units of a tenant's or user's name. A table's key takes 2 KB: both names and a request's id must fit into one. */
export const MAX_NAME_CHARS = 256;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether the value may name a tenant or a user. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_NAME_CHARS && !LONE_SURROGATE.test(value);

/** The year 33658 in seconds: a later time is a value in milliseconds, which would never pass. */
const MAX_EXPIRY = 1e12;

/** Whether the value is a time in epoch seconds at which a token may end. */
export const isExpiry = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value < MAX_EXPIRY;

/** What a name must be, for messages. */
export const NAME_FORM = `a string of 1 to ${MAX_NAME_CHARS} characters`;

/**
 * The owner that the values name. A tenant that is absent is the default one; one that is no name is none: its bearer must not
 * end up among those who have none.
 *
 * @returns the name of the field that is wrong, where one is
 */
export function ownerOf({
  tenant = DEFAULT_TENANT,
  user,
}: Readonly<Record<string, unknown>>): Owner | 'tenant' | 'user' {
  if (!isName(user)) return 'user';
  return isName(tenant) ? { tenant, user } : 'tenant';
}
