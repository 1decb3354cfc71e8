import { METADATA } from '../../../src/contract';
import type { AuthKind } from '../../console';
import type { Resource } from '../../emulator/assembly';
import type { WebSocketApiSpec } from '../../emulator/websocket-api';

/** Determines how clients authenticate to an API, from the metadata of the authorizer of `$connect`. */
export function authKind(
  { routes }: Pick<WebSocketApiSpec, 'routes'>,
  resources: readonly Pick<Resource, 'type' | 'ref' | 'metadata'>[],
): AuthKind {
  const name = routes.get('$connect')?.authorizer?.functionName;
  if (name === undefined) return 'none';
  const authorizer = resources.find(({ type, ref }) => type === 'AWS::Lambda::Function' && ref() === name);
  if (authorizer?.metadata(METADATA.jwt) !== undefined) return 'issuer';
  return authorizer?.metadata(METADATA.visitors) === undefined ? 'token' : 'visitor';
}
