import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DEFAULTS } from '../contract';
import { type AuthBinding, type BindAuth, JwtAuthorizer, VisitorsAuthorizer } from '../parts/authorizer';
import type { Settings } from '../settings';
import { copyOptions } from '../validation/copy';
import { reject } from '../validation/errors';
import {
  HTTPS_URL,
  type PropNames,
  refuseUnknownProps,
  validateGiven,
  validateHttpsUrl,
  validateObject,
  validateOrigins,
  validatePattern,
  validateStrings,
} from '../validation/rules';

/** Options of `StreamerAuth.jwt`. */
export interface JwtAuthOptions {
  /** The issuer (`iss`) that tokens must name, an https URL. */
  readonly issuer: string;

  /** Accepted audiences (`aud`): a token must name at least one. */
  readonly audience: string[];

  /**
   * Claim that names the user's tenant. A token without the claim belongs to the tenant `default`. If the claim is not a string of 1 to 256
   * characters, the connection is refused with 403.
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
   * `Origin` headers of web pages that may connect, such as `https://example.com`. Clients without this header are not web pages, and may always
   * connect.
   *
   * @default - any
   */
  readonly allowedOrigins?: string[];
}

/** Options of `StreamerAuth.custom`. */
export interface CustomAuthOptions {
  /**
   * Headers and query parameters that every handshake must contain, such as `route.request.header.Authorization` or
   * `route.request.querystring.ticket`. If one is missing, API Gateway answers 401 and does not invoke your function.
   *
   * @default - none: your function is invoked for each handshake
   */
  readonly identitySources?: string[];
}

/** Options of `StreamerAuth.none`. */
export interface NoAuthOptions {
  /**
   * `Origin` headers of web pages that may connect, such as `https://example.com`. This option only blocks web pages of other sites. A program can
   * send any `Origin` header, or none.
   *
   * @default - any
   */
  readonly allowedOrigins?: string[];
}

/** The method by which the API authenticates clients. It assigns each request to a user of a tenant. */
export class StreamerAuth {
  /**
   * Accepts tokens (JWT) of an OpenID Connect issuer. The client sends the token in the `Authorization` header or as a subprotocol, never in the URL.
   */
  public static jwt(options: JwtAuthOptions): StreamerAuth {
    validateObject('options', options, 'be an object with `issuer` and `audience`');
    refuseUnknownProps(JWT_PROPS, '', options);
    validateJwt(options);
    const jwt = jwtSettings(copyOptions(options));
    return new StreamerAuth(
      (scope, settings) => ({
        authorizer: new JwtAuthorizer(scope, 'Authorizer', { jwt, settings }).function,
        identitySources: [],
      }),
      jwt.allowedOrigins,
    );
  }

  /**
   * Uses your own Lambda function: a REQUEST authorizer, which API Gateway invokes at each handshake.
   *
   * The function returns a policy and a context with these fields:
   *
   * - `user`: 1 to 256 characters
   * - `tenant`: 1 to 256 characters; default: `default`
   * - `exp`: time in epoch seconds after which messages are refused with `TOKEN_EXPIRED`; never if it is absent or 0
   *
   * A handshake with an invalid context fails with 502.
   *
   * @param fn a function of this app. A function of another app needs a permission that lets API Gateway invoke it
   */
  public static custom(fn: IFunction, options: CustomAuthOptions = {}): StreamerAuth {
    validateObject('options', options, 'be an object with `identitySources`');
    refuseUnknownProps(CUSTOM_PROPS, '', options);
    if (!isFunction(fn)) reject('StreamerAuth.custom', 'get a Lambda function', fn, 'Pass `new Function(…)`');
    const identitySources = copyOptions(options.identitySources ?? []);
    validateSources(identitySources);
    return new StreamerAuth(() => ({ authorizer: fn, identitySources }));
  }

  /**
   * Requires no login, so anybody may connect. The client stores a secret that identifies the visitor, and sends it as the token (`visitorToken()` of
   * `cdk-streamer-client`). Each visitor is a user of the tenant `default`. The user's name contains a hash of the secret. Visitors have access only
   * to their own requests.
   *
   * Anybody can then start work at your expense, so set `throttle`, and `maxConcurrency` of the handlers.
   */
  public static none(options: NoAuthOptions = {}): StreamerAuth {
    validateObject('options', options, 'be an object with `allowedOrigins`');
    refuseUnknownProps(NONE_PROPS, '', options);
    validateOrigins('allowedOrigins', options.allowedOrigins);
    const allowedOrigins = copyOptions(options.allowedOrigins ?? []);
    return new StreamerAuth(
      (scope, settings) => ({
        authorizer: new VisitorsAuthorizer(scope, 'Authorizer', { allowedOrigins, settings }).function,
        identitySources: [],
      }),
      allowedOrigins,
    );
  }

  private constructor(
    private readonly bind: BindAuth,
    /**
     * Accepted `Origin` headers of handshakes; empty: any, or unknown.
     *
     * @internal
     */
    public readonly _allowedOrigins: readonly string[] = [],
  ) {}

  /** @internal */
  public _bind(scope: Construct, settings: Settings): AuthBinding {
    return this.bind(scope, settings);
  }
}

const JWT_PROPS: PropNames<JwtAuthOptions> = {
  issuer: true,
  audience: true,
  tenantClaim: true,
  jwksUri: true,
  allowedOrigins: true,
};
const CUSTOM_PROPS: PropNames<CustomAuthOptions> = { identitySources: true };
const NONE_PROPS: PropNames<NoAuthOptions> = { allowedOrigins: true };

const IDENTITY_SOURCE = /^route\.request\.(header|querystring)\.\S+$/;
const SOURCE_FORM = "be such as 'route.request.header.Authorization' or 'route.request.querystring.ticket'";

/** Whether the value is a function of Lambda. Callers in JavaScript and in other languages may pass any value. */
const isFunction = (fn: unknown): boolean => typeof (fn as IFunction | undefined)?.functionArn === 'string';

function validateSources(sources: readonly string[]): void {
  if (!Array.isArray(sources)) reject('identitySources', 'be an array of strings', sources);
  for (const source of sources) {
    validateGiven('identitySources', source, SOURCE_FORM);
    validatePattern('identitySources', source, IDENTITY_SOURCE, SOURCE_FORM);
  }
}

function validateJwt({ issuer, audience, tenantClaim, jwksUri, allowedOrigins }: JwtAuthOptions): void {
  validateGiven('issuer', issuer, HTTPS_URL);
  validateHttpsUrl('issuer', issuer);
  validateStrings('audience', audience);
  validatePattern('tenantClaim', tenantClaim, /./, 'not be empty');
  validateHttpsUrl('jwksUri', jwksUri);
  validateOrigins('allowedOrigins', allowedOrigins);
}

function jwtSettings({ issuer, audience, ...options }: JwtAuthOptions) {
  const tenantClaim = options.tenantClaim ?? DEFAULTS.tenantClaim;
  const jwksUri = options.jwksUri ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`;
  return { issuer, audience, tenantClaim, jwksUri, allowedOrigins: options.allowedOrigins ?? [] };
}
