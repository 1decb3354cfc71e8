import { createHash } from 'node:crypto';
import { METADATA } from '../../../src/contract';
import type { Assembly } from '../../emulator/assembly';

/** Whether the application accepts visitors without a login. */
export function takesVisitors({ resources }: Assembly): boolean {
  return resources.some(
    ({ type, metadata }) => type === 'AWS::Lambda::Function' && metadata(METADATA.visitors) !== undefined,
  );
}

/**
 * Returns the secret of a visitor on this machine. A name always gives the same secret, so that one program finds the
 * requests of another. Anybody can compute the secret, so it must be used in local runs only.
 */
export function visitorSecret(name: string): string {
  return createHash('sha256').update(`a visitor of the local run: ${name}`).digest('base64url');
}
