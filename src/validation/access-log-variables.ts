import { reject } from './errors';
import { closest } from './suggest';

/**
 * Variables that API Gateway documents for access logs of WebSocket APIs. If a format contains another variable, API Gateway refuses it at
 * deployment.
 */
const DOCUMENTED = new Set([
  'apiId',
  ...['error', 'latency', 'status'].flatMap((each) => [`authorize.${each}`, `authenticate.${each}`, `waf.${each}`]),
  ...['error', 'integrationLatency', 'integrationStatus', 'latency', 'requestId', 'status', 'principalId'].map(
    (each) => `authorizer.${each}`,
  ),
  'connectedAt',
  'connectionId',
  'domainName',
  ...['message', 'messageString', 'responseType', 'validationErrorString'].map((each) => `error.${each}`),
  'eventType',
  'extendedRequestId',
  ...['accountId', 'apiKey', 'apiKeyId', 'caller', 'principalOrgId', 'sourceIp', 'user', 'userAgent', 'userArn'].map(
    (each) => `identity.${each}`,
  ),
  ...['AuthenticationProvider', 'AuthenticationType', 'IdentityId', 'IdentityPoolId'].map(
    (each) => `identity.cognito${each}`,
  ),
  ...['error', 'integrationStatus', 'latency', 'requestId', 'status'].map((each) => `integration.${each}`),
  'integrationLatency',
  'messageId',
  'requestId',
  'requestTime',
  'requestTimeEpoch',
  'routeKey',
  'stage',
  'status',
]);

const VARIABLE = /\$context\.([A-Za-z]\w*(?:\.[A-Za-z]\w*)*)/g;

/** Refuses variables that API Gateway does not document for WebSocket APIs. Any name is allowed for an authorizer's context fields. */
export function refuseUnknownVariables(format: string): void {
  for (const [found, name] of format.matchAll(VARIABLE)) {
    if (DOCUMENTED.has(name) || name.startsWith('authorizer.')) continue;
    const meant = closest(name, DOCUMENTED);
    const remedy = meant === undefined ? 'Leave it out: the deployment would fail' : `Did you mean $context.${meant}?`;
    reject('accessLogFormat', 'contain only variables that API Gateway documents for WebSocket APIs', found, remedy);
  }
}
