import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { authorizeVisitor } from '../flows/connect/authorize-visitor';
import type { AuthorizerEvent } from '../flows/connect/handshake';
import { readJson } from '../runtime';

const options = { allowedOrigins: readJson('allowedOrigins') };

/** Authorizes `$connect` of visitors without a login. It writes no log and has no dependencies. */
export async function handler(event: AuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  return authorizeVisitor(options, event);
}
