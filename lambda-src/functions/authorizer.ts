import { JwtVerifier } from 'aws-jwt-verify';
import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { authorize } from '../flows/authorize';
import type { AuthorizerEvent } from '../flows/handshake';
import { readEnv, readJson } from '../runtime/config';
import { createLogger, logWith } from '../runtime/observability';

const log = logWith(createLogger('authorizer'));
const { jwtIssuer, jwksUri, tenantClaim } = readEnv(['jwtIssuer', 'jwksUri', 'tenantClaim']);
const verifier = JwtVerifier.create({
  issuer: jwtIssuer,
  audience: readJson<string[]>('jwtAudience'),
  jwksUri,
});
const options = {
  verify: (token: string) => verifier.verify(token),
  tenantClaim,
  allowedOrigins: readJson<string[]>('allowedOrigins'),
  log,
};

/** Decides on `$connect`; its context rides on every later message of the connection. */
export const handler = (event: AuthorizerEvent): Promise<APIGatewayAuthorizerResult> => authorize(options, event);
