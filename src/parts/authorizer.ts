import { type CfnResource, Duration, Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { builtFunction } from '../bundling/package-files';
import { ENV, type EnvJson, type JwtConfig, METADATA, type MetadataValues } from '../contract';
import type { Settings } from '../settings';
import { StreamerFunction } from './streamer-function';

interface JwtSettings extends JwtConfig {
  readonly allowedOrigins: string[];
}

interface JwtAuthorizerProps {
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
      // Lambda assigns CPU in proportion to memory, and a cold authorizer needs CPU for TLS and one signature.
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

interface VisitorsAuthorizerProps {
  readonly allowedOrigins: string[];
  readonly settings: Settings;
}

/** Identifies each visitor without a login by a secret. */
export class VisitorsAuthorizer extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, { allowedOrigins, settings }: VisitorsAuthorizerProps) {
    super(scope, id);
    this.function = new StreamerFunction(this, 'Function', {
      description: 'Streamer: names the visitor of a new connection',
      code: builtFunction('visitors'),
      timeout: Duration.seconds(5),
      // this amount is sufficient to compute one hash; the function imports no packages
      memorySize: 256,
      settings,
      environment: {
        [ENV.allowedOrigins]: Stack.of(this).toJsonString(allowedOrigins satisfies EnvJson['allowedOrigins']),
      },
      invokedBy: 'API Gateway invokes it synchronously',
    });
    (this.function.node.defaultChild as CfnResource).addMetadata(
      METADATA.visitors,
      true satisfies MetadataValues['visitors'],
    );
  }
}

/** The authorizer of an API, created by a `StreamerAuth`. */
export interface AuthBinding {
  /** Lambda authorizer of `$connect`. */
  readonly authorizer: IFunction;
  /** Headers or query parameters that a handshake must contain. If one is missing, API Gateway answers 401 without invoking the authorizer. */
  readonly identitySources: string[];
}

/** Creates the resources of a `StreamerAuth` below `scope`. */
export type BindAuth = (scope: Construct, settings: Settings) => AuthBinding;
