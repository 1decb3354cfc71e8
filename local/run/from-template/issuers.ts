import { METADATA } from '../../../src/contract';
import type { Resource } from '../../emulator/assembly';
import { list, object, text } from './properties';

/** A function that verifies tokens. */
export interface TokenVerifier {
  readonly resource: Resource;
  readonly issuer: string;
  readonly audience: string;
  readonly tenantClaim?: string;
  /** The environment variables that hold the address of the issuer's keys. */
  readonly keySetVariables: readonly string[];
}

/** The functions whose issuer the run has to stand in for. */
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

/** Variables of a function that hold the address of the key set: those that its metadata names, and those whose value is that address. */
function keySetVariables(resource: Resource): string[] {
  const { jwksUriVariable, jwksUri } = object(resource.metadata(METADATA.jwt));
  const variables = Object.entries(object(object(resource.properties().Environment).Variables));
  const named = list([jwksUriVariable].flat())
    .filter((name) => name !== undefined)
    .map(String);
  const holding = variables.filter(([, value]) => jwksUri !== undefined && value === jwksUri).map(([name]) => name);
  return [...new Set([...named, ...holding])];
}

/** Variables with which one function finds the run's issuer in place of the issuer that it knows. */
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
