import { Token } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DEFAULTS } from '../contract';
import { type AuthBinding, type BindAuth, JwtAuthorizer, VisitorsAuthorizer } from '../parts/authorizer';
import type { Settings } from '../settings';
import { reject } from '../validation/errors';
import {
  type PropNames,
  refuseUnknownProps,
  validateHttpsUrl,
  validateNotEmpty,
  validateOrigin,
  validatePattern,
} from '../validation/rules';

/** Options of `StreamerAuth.jwt`. */
export interface JwtAuthOptions {
  /** The issuer (`iss`) that tokens must name, an https URL. */
  readonly issuer: string;

  /** Accepted audiences (`aud`): a token must name at least one. */
  readonly audience: string[];

  /**
   * Claim that names the user's tenant. A token without it belongs to the tenant `default`; one whose claim is no text of 1 to 256 characters is
   * refused with 403.
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

/** Options of `StreamerAuth.custom`. */
export interface CustomAuthOptions {
  /**
   * What a handshake must bring, such as `route.request.header.Authorization` or `route.request.querystring.ticket`: where one is missing, API Gateway
   * answers 401 and your function is not invoked. All of them are mandatory.
   *
   * @default - nothing: your function is asked about each handshake
   */
  readonly identitySources?: string[];
}

/** Options of `StreamerAuth.none`. */
export interface NoAuthOptions {
  /**
   * `Origin` headers of web pages that may connect, such as `https://example.com`. It keeps other sites' pages out, no program: whoever writes one may
   * send any header or none.
   *
   * @default - any
   */
  readonly allowedOrigins?: string[];
}

/** Who may connect, and who they are: every request belongs to a user of a tenant. */
export class StreamerAuth {
  /** Tokens (JWT) of an OpenID Connect issuer, in the `Authorization` header or offered as a subprotocol; never in the URL. */
  public static jwt(options: JwtAuthOptions): StreamerAuth {
    refuseUnknownProps(JWT_PROPS, '', options);
    validateJwt(options);
    return new StreamerAuth((scope, settings) => ({
      authorizer: new JwtAuthorizer(scope, 'Authorizer', { jwt: jwtSettings(options), settings }).function,
      identitySources: [],
    }));
  }

  /**
   * A function of yours: a REQUEST authorizer, which API Gateway invokes at each handshake.
   *
   * Beside the policy it returns a context of `user` (1 to 256 characters), `tenant` (the same; where it is absent: `default`) and `exp` (epoch seconds
   * after which messages are refused with `TOKEN_EXPIRED`; where it is absent or 0: never). A handshake whose context is not so fails with 502.
   *
   * @param fn of this app; one of elsewhere needs a permission by which API Gateway may invoke it
   */
  public static custom(fn: IFunction, options: CustomAuthOptions = {}): StreamerAuth {
    refuseUnknownProps(CUSTOM_PROPS, '', options);
    if (!isFunction(fn)) reject('StreamerAuth.custom', 'be given a Lambda function', fn, 'Pass `new Function(…)`');
    const { identitySources = [] } = options;
    for (const source of identitySources) validatePattern('identitySources', source, IDENTITY_SOURCE, SOURCE_FORM);
    return new StreamerAuth(() => ({ authorizer: fn, identitySources }));
  }

  /**
   * No login: anybody may connect. Visitors are told apart by a secret that their client keeps and sends where a token goes (`visitorToken()` of
   * `cdk-streamer-client`): each is a user of the tenant `default`, named by the secret's hash, and finds their own requests only.
   *
   * Everybody may then start work at your expense: set `throttle`, and `maxConcurrency` of the handlers.
   */
  public static none(options: NoAuthOptions = {}): StreamerAuth {
    refuseUnknownProps(NONE_PROPS, '', options);
    const { allowedOrigins = [] } = options;
    for (const origin of allowedOrigins) validateOrigin('allowedOrigins', origin);
    return new StreamerAuth((scope, settings) => ({
      authorizer: new VisitorsAuthorizer(scope, 'Authorizer', { allowedOrigins, settings }).function,
      identitySources: [],
    }));
  }

  private constructor(private readonly bind: BindAuth) {}

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

/** From JavaScript and by way of jsii it may be anything. */
const isFunction = (fn: unknown): boolean => typeof (fn as IFunction | undefined)?.functionArn === 'string';

function validateJwt({ issuer, audience, tenantClaim, jwksUri, allowedOrigins = [] }: JwtAuthOptions): void {
  validateHttpsUrl('issuer', issuer ?? '');
  if (!Array.isArray(audience)) reject('audience', 'be a list of texts', audience);
  validateNotEmpty('audience', audience);
  if (!Token.isUnresolved(audience)) {
    for (const each of audience) validatePattern('audience', each, /./, 'have no empty entry');
  }
  validatePattern('tenantClaim', tenantClaim, /./, 'not be empty');
  validateHttpsUrl('jwksUri', jwksUri);
  for (const origin of allowedOrigins) validateOrigin('allowedOrigins', origin);
}

function jwtSettings({
  issuer,
  audience,
  tenantClaim = DEFAULTS.tenantClaim,
  allowedOrigins = [],
  ...rest
}: JwtAuthOptions) {
  const jwksUri = rest.jwksUri ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`;
  return { issuer, audience, tenantClaim, jwksUri, allowedOrigins };
}
