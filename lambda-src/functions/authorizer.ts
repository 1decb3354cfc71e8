import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { tokenVerifier } from '../aws/token-verifier';
import { authorize } from '../flows/connect/authorize';
import type { AuthorizerEvent } from '../flows/connect/handshake';
import { createLogger, logWith, readEnv, readJson } from '../runtime';

const log = logWith(createLogger('authorizer'));
const { jwtIssuer, jwksUri, tenantClaim } = readEnv(['jwtIssuer', 'jwksUri', 'tenantClaim']);
const options = {
  verify: tokenVerifier({ issuer: jwtIssuer, audience: readJson('jwtAudience'), jwksUri }),
  tenantClaim,
  allowedOrigins: readJson('allowedOrigins'),
  log,
};

/** Authorizes `$connect`. API Gateway adds the returned context to every later event of the connection. */
export const handler = (event: AuthorizerEvent): Promise<APIGatewayAuthorizerResult> => authorize(options, event);
