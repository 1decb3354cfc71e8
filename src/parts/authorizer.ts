import { type CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { builtFunction } from '../bundling/package-files';
import { ENV, type EnvJson, type JwtConfig, METADATA, type MetadataValues } from '../contract';
import type { Settings } from '../settings';
import { StreamerFunction } from './streamer-function';

export interface JwtSettings extends JwtConfig {
  readonly allowedOrigins: string[];
}

export interface JwtAuthorizerProps {
  readonly jwt: JwtSettings;
  readonly settings: Settings;
}

/** Verifies the token of each new connection. */
export class JwtAuthorizer extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, { jwt, settings }: JwtAuthorizerProps) {
    super(scope, id);
    this.function = new StreamerFunction(this, 'Function', {
      description: 'Streamer: verifies the token of a new connection',
      code: builtFunction('authorizer'),
      timeout: Duration.seconds(10),
      // CPU grows with memory, and a cold authorizer spends its first call on TLS and one signature
      memorySize: 1024,
      settings,
      environment: environment(this, jwt),
      invokedBy: 'API Gateway invokes it synchronously',
    });
    const { issuer, audience, tenantClaim, jwksUri } = jwt;
    const metadata: MetadataValues['jwt'] = { issuer, audience, tenantClaim, jwksUri };
    (this.function.node.defaultChild as CfnResource).addMetadata(METADATA.jwt, metadata);
  }
}

function environment(scope: Construct, jwt: JwtSettings): { [name: string]: string } {
  const stack = Stack.of(scope);
  return {
    [ENV.jwtIssuer]: jwt.issuer,
    [ENV.jwtAudience]: stack.toJsonString(jwt.audience satisfies EnvJson['jwtAudience']),
    [ENV.jwksUri]: jwt.jwksUri,
    [ENV.allowedOrigins]: stack.toJsonString(jwt.allowedOrigins satisfies EnvJson['allowedOrigins']),
    [ENV.tenantClaim]: jwt.tenantClaim,
  };
}
