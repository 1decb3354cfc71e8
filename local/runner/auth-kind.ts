import type { Resource } from '../assembly';
import type { AuthKind } from '../console';
import type { WebSocketApiSpec } from '../gateway';

/** Metadata by which an authorizer says whom it lets in. */
const JWT = 'cdk-streamer:jwt';
const VISITORS = 'cdk-streamer:visitors';

/** How a client gets into an API, by what the authorizer of `$connect` says of itself. */
export function authKind(
  { routes }: Pick<WebSocketApiSpec, 'routes'>,
  resources: readonly Pick<Resource, 'type' | 'ref' | 'metadata'>[],
): AuthKind {
  const name = routes.get('$connect')?.authorizer?.functionName;
  if (name === undefined) return 'none';
  const authorizer = resources.find(({ type, ref }) => type === 'AWS::Lambda::Function' && ref() === name);
  if (authorizer?.metadata(JWT) !== undefined) return 'issuer';
  return authorizer?.metadata(VISITORS) === undefined ? 'token' : 'visitor';
}
