import { METADATA } from '../../../src/contract';
import type { Resource } from '../../emulator/assembly';
import { list, object, text } from './properties';

/** A function that verifies tokens. */
export interface TokenVerifier {
  readonly resource: Resource;
  readonly issuer: string;
  readonly audience: string;
  readonly tenantClaim?: string;
  /** Names of the environment variables that contain the URL of the issuer's keys. */
  readonly keySetVariables: readonly string[];
}

/** Returns the functions that verify tokens of an issuer. The run replaces this issuer with its own. */
export function tokenVerifiers(resources: readonly Resource[]): TokenVerifier[] {
  return resources
    .filter(({ type, metadata }) => type === 'AWS::Lambda::Function' && metadata(METADATA.jwt) !== undefined)
    .map((resource) => {
      const { issuer, audience, tenantClaim } = object(resource.metadata(METADATA.jwt));
      return {
        resource,
        issuer: String(issuer),
        audience: String([audience].flat()[0]),
        tenantClaim: text(tenantClaim),
        keySetVariables: keySetVariables(resource),
      };
    });
}

/**
 * Returns the variables of a function that contain the URL of the key set: the variables that its metadata names, and
 * the variables that have this URL as their value.
 */
function keySetVariables(resource: Resource): string[] {
  const { jwksUriVariable, jwksUri } = object(resource.metadata(METADATA.jwt));
  const variables = Object.entries(object(object(resource.properties().Environment).Variables));
  const named = list([jwksUriVariable].flat())
    .filter((name) => name !== undefined)
    .map(String);
  const holding = variables.filter(([, value]) => jwksUri !== undefined && value === jwksUri).map(([name]) => name);
  return [...new Set([...named, ...holding])];
}

/** Returns the variables with which a function uses the run's issuer instead of its configured issuer. */
export function verifierVariables(
  verifiers: readonly TokenVerifier[],
  resource: Resource,
  issuer: { readonly jwksUrl: string; readonly caFile: string } | undefined,
): Record<string, string> {
  const verifier = verifiers.find((candidate) => candidate.resource === resource);
  if (!verifier || !issuer) return {};
  return {
    NODE_EXTRA_CA_CERTS: issuer.caFile,
    ...Object.fromEntries(verifier.keySetVariables.map((name) => [name, issuer.jwksUrl])),
  };
}
