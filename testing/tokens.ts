import { type LocalRun, visitorSecret } from '../local/run';
import type { TestIdentity } from './streamer-types';

const TENANT = 'test-tenant';
const USER = 'test-user';

/**
 * Returns a token for clients of that user.
 *
 * @throws Error if only the application knows which tokens it accepts
 */
export async function tokenFor(
  { issuer, visitors }: Pick<LocalRun, 'issuer' | 'visitors'>,
  identity: TestIdentity = {},
): Promise<string> {
  const { user = USER, tenant, claims, expiresInSeconds } = identity;
  if (issuer) return issuer.issueToken({ sub: user, tenant: tenant ?? TENANT, expiresInSeconds, ...claims });
  if (!visitors) {
    throw new Error('the application has a custom authorizer: pass a token, as in client(identity, { token })');
  }
  const [extra] = Object.entries({ tenant, claims, expiresInSeconds }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (extra !== undefined) throw new Error(`\`${extra}\` must not be given: visitors have no login, only a \`user\``);
  return visitorSecret(user);
}
