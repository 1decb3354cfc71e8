import { Annotations, RemovalPolicy, Token } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type IAccessLogSettings, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Settings } from '../settings';

/** Fields of a line of the access log; none of them can hold a token. */
const FIELDS = {
  requestId: '$context.requestId',
  connectionId: '$context.connectionId',
  eventType: '$context.eventType',
  routeKey: '$context.routeKey',
  status: '$context.status',
  error: '$context.error.message',
  integrationError: '$context.integration.error',
  integrationLatency: '$context.integrationLatency',
};

/** What an authorizer returned may hold a token; headers, query and body do. */
const REVEALING =
  /\$context\.(authorizer|identity\.(accessKey|apiKey\b))|\$input|\$?request\.(header|querystring|body)/;

/** The access log: a group, and what is written into it. */
export function createAccessLog(
  scope: Construct,
  { logRetention, encryptionKey }: Settings,
  format = AccessLogFormat.custom(JSON.stringify(FIELDS)),
): IAccessLogSettings {
  warnOfSecrets(scope, format.toString());
  const logGroup = new LogGroup(scope, 'AccessLogs', {
    retention: logRetention,
    encryptionKey,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return { destination: new LogGroupLogDestination(logGroup), format };
}

function warnOfSecrets(scope: Construct, format: string): void {
  const found = Token.isUnresolved(format) ? undefined : REVEALING.exec(format)?.[0];
  if (!found) return;
  Annotations.of(scope).addWarningV2(
    'cdk-streamer:accessLogFormat',
    `\`accessLogFormat\` names ${found}, which may write tokens or messages into the access log: leave it out, or make sure that yours does not`,
  );
}
