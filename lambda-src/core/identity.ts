import { BOUNDS, DEFAULTS } from '../../src/contract';
import type { Owner } from './keys';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether the value may be the name of a tenant or a user. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= BOUNDS.nameChars && !LONE_SURROGATE.test(value);

/** The year 33658 in seconds: a later time is a value in milliseconds, which would never pass. */
const MAX_EXPIRY = 1e12;

/** Whether the value is a time in epoch seconds at which a token may expire. */
export const isExpiry = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value < MAX_EXPIRY;

/** Form of a name, for messages. */
export const NAME_FORM = `a string of 1 to ${BOUNDS.nameChars} characters`;

/**
 * Returns the owner that the values name. An absent tenant is the default one. An invalid tenant is an error, because its user must not get
 * access to the default tenant.
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
