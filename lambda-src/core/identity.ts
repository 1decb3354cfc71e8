import { BOUNDS, DEFAULTS } from '../../src/contract';
import type { Owner } from './keys';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether the value is valid as the name of a tenant or a user. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= BOUNDS.nameChars && !LONE_SURROGATE.test(value);

/** The year 33658 in epoch seconds. A larger number must be in milliseconds. A token that expires after so many seconds would never expire. */
const MAX_EXPIRY = 1e12;

/** Whether the value is a valid expiry of a token in epoch seconds. */
export const isExpiry = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value < MAX_EXPIRY;

/** Rule for names, as messages state it. */
export const NAME_FORM = `a string of 1 to ${BOUNDS.nameChars} characters`;

/**
 * Returns the owner that the values name. If the tenant is absent, it is the default tenant. If the tenant is invalid, that is an error, because its
 * user must not get access to the default tenant.
 *
 * @returns the name of the invalid field, if there is one
 */
export function ownerOf({
  tenant = DEFAULTS.tenant,
  user,
}: Readonly<Record<string, unknown>>): Owner | 'tenant' | 'user' {
  if (!isName(user)) return 'user';
  return isName(tenant) ? { tenant, user } : 'tenant';
}
