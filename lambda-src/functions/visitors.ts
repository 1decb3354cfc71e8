import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { authorizeVisitor } from '../flows/connect/authorize-visitor';
import type { AuthorizerEvent } from '../flows/connect/handshake';
import { readJson } from '../runtime';

const options = { allowedOrigins: readJson('allowedOrigins') };

/** Decides on `$connect` where nobody logs in; it writes no log and loads nothing but itself. */
export async function handler(event: AuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  return authorizeVisitor(options, event);
}
