import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { JwtAuthorizer } from '../parts/authorizer';
import { validateHttpsUrl, validateNotEmpty, validateOrigin, validatePattern } from '../private/validation';

/** What a `StreamerAuth` is given when it is bound. */
export interface StreamerAuthBindOptions {
  /** How long logs are kept. */
  readonly logRetention: RetentionDays;
}

/** What a `StreamerAuth` brings to the API. */
export interface StreamerAuthBinding {
  /** Lambda authorizer of `$connect`. It is called with no identity source and decides in code. */
  readonly authorizer: IFunction;
}

/** Options of `StreamerAuth.jwt`. */
export interface JwtAuthOptions {
  /** The issuer (`iss`) that tokens must name, an https URL. */
  readonly issuer: string;

  /** Accepted audiences (`aud`): a token must name at least one. */
  readonly audience: string[];

  /**
   * Claim that names the user's tenant. A token without it belongs to the tenant `default`.
   *
   * @default 'tenant'
   */
  readonly tenantClaim?: string;

  /**
   * URL of the issuer's key set.
   *
   * @default - `<issuer>/.well-known/jwks.json`
   */
  readonly jwksUri?: string;

  /**
   * `Origin` headers of web pages that may connect, such as `https://example.com`. A client that sends no such header is no web page.
   *
   * @default - any
   */
  readonly allowedOrigins?: string[];
}

/** Who may connect. */
export abstract class StreamerAuth {
  /** Tokens (JWT) of an OpenID Connect issuer, in the `Authorization` header or offered as a subprotocol; never in the URL. */
  public static jwt(options: JwtAuthOptions): StreamerAuth {
    return new JwtAuth(options);
  }

  /** Creates what the strategy needs below `scope`. */
  public abstract bind(scope: Construct, options: StreamerAuthBindOptions): StreamerAuthBinding;
}

class JwtAuth extends StreamerAuth {
  public constructor(private readonly options: JwtAuthOptions) {
    super();
    validateHttpsUrl('issuer', options.issuer);
    validateNotEmpty('audience', options.audience);
    for (const audience of options.audience) validatePattern('audience', audience, /./, 'have no empty entry');
    validatePattern('tenantClaim', options.tenantClaim, /./, 'not be empty');
    validateHttpsUrl('jwksUri', options.jwksUri);
    for (const origin of options.allowedOrigins ?? []) validateOrigin('allowedOrigins', origin);
  }

  public override bind(scope: Construct, { logRetention }: StreamerAuthBindOptions): StreamerAuthBinding {
    const { issuer, audience, tenantClaim = 'tenant', allowedOrigins = [] } = this.options;
    const jwksUri = this.options.jwksUri ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`;
    const settings = { issuer, audience, tenantClaim, jwksUri, allowedOrigins };
    return { authorizer: new JwtAuthorizer(scope, 'Authorizer', { settings, logRetention }).function };
  }
}
