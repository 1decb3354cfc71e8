import { createHash } from 'node:crypto';
import { METADATA } from '../../../src/contract';
import type { Assembly } from '../../emulator/assembly';

/** Whether the application takes visitors without a login. */
export function takesVisitors({ resources }: Assembly): boolean {
  return resources.some(
    ({ type, metadata }) => type === 'AWS::Lambda::Function' && metadata(METADATA.visitors) !== undefined,
  );
}

/**
 * Secret of a visitor on this machine. It is the same each time, so that one program finds the requests of another. Anybody
 * can compute it, so it is good for local runs only.
 */
export function visitorSecret(name: string): string {
  return createHash('sha256').update(`a visitor of the local run: ${name}`).digest('base64url');
}
