import { BOUNDS, DEFAULTS } from '../../src/contract';
import type { Owner } from './keys';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether the value may name a tenant or a user. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= BOUNDS.nameChars && !LONE_SURROGATE.test(value);

/** The year 33658 in seconds: a later time is a value in milliseconds, which would never pass. */
const MAX_EXPIRY = 1e12;

/** Whether the value is a time in epoch seconds at which a token may end. */
export const isExpiry = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value < MAX_EXPIRY;

/** What a name must be, for messages. */
export const NAME_FORM = `a string of 1 to ${BOUNDS.nameChars} characters`;

/**
 * The owner that the values name. A tenant that is absent is the default one; one that is no name is none: its bearer must not
 * end up among those who have none.
 *
 * @returns the name of the field that is wrong, where one is
 */
export function ownerOf({
  tenant = DEFAULTS.tenant,
  user,
}: Readonly<Record<string, unknown>>): Owner | 'tenant' | 'user' {
  if (!isName(user)) return 'user';
  return isName(tenant) ? { tenant, user } : 'tenant';
}
