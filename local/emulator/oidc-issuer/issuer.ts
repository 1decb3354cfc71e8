import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Door, guardedServer, hostRule } from '../http';
import type { StateSlot } from '../state';
import { type Clock, type LogSink, systemClock } from '../types';
import { createCertificate } from './certificates';
import { answerTokenRequest } from './token-request';
import { type KeptKey, TokenSigner } from './token-signer';

const DEFAULT_SECONDS = 3600;
/** Tenant of a token if the request does not specify one. */
const DEFAULT_TENANT = 'local-tenant';

/** An issuer whose tokens an application accepts. */
export interface IssuerSpec {
  readonly issuer: string;
  readonly audience: string;
  /** Claim that contains the tenant. @default "tenant" */
  readonly tenantClaim?: string;
}

export interface TokenClaims {
  readonly sub: string;
  /** Tenant in the token. @default - no tenant claim */
  readonly tenant?: string;
  /** Validity of the token in seconds; negative for an expired token. @default 3600 */
  readonly expiresInSeconds?: number;
  /** Issuer of the token. @default - the first issuer */
  readonly issuer?: string;
  /** Any other claim. It overrides a standard claim with the same name. */
  readonly [claim: string]: unknown;
}

export interface IssuerOptions {
  readonly issuers: readonly IssuerSpec[];
  /** Address on which the issuer listens. @default "127.0.0.1" */
  readonly host?: string;
  /** Accepted host names in addition to those of `host`. @default - none */
  readonly allowedHosts?: readonly string[];
  /** Folder to which the authority's certificate is written. */
  readonly tlsDir: string;
  readonly log: LogSink;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /**
   * Persistent storage of the signing key, so that tokens stay valid in later runs. @default - the key is only for this
   * run
   */
  readonly state?: StateSlot;
}

export interface Issuer {
  readonly door: Door;
  /** Address of the key set, with TLS on a loopback address. */
  readonly jwksUrl: string;
  /** PEM file with the authority's certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
  /** Replaces the issuers. */
  setIssuers(issuers: readonly IssuerSpec[]): void;
  /**
   * Issues a token.
   *
   * @throws Error if `issuer` is not one of the configured issuers
   */
  issueToken(claims: TokenClaims): Promise<string>;
  /**
   * Handles `POST {sub?, tenant?, expiresInSeconds?}` → `{token, expiresAt}`, for pages and programs on this machine.
   */
  handleTokenRequest(req: IncomingMessage, res: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

/** Starts a token issuer. The issuer replaces the identity provider that the deployed application trusts. */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const { clock = systemClock, newId = randomUUID, host = '127.0.0.1' } = options;
  let { issuers } = options;
  if (issuers.length === 0) throw new Error('an issuer needs at least one `issuers` entry');
  // creates the keys in parallel on other threads, because their creation takes most of the start time of a run
  const [signer, { caFile, ...certificate }] = await Promise.all([
    signerOf(options.state, newId),
    createCertificate(options.tlsDir, clock.now()),
  ]);
  const access = 'own-pages';
  const hosts = hostRule(host, options.allowedHosts);
  const server = guardedServer({ access, hosts, tls: certificate }, (req, res) =>
    answerDiscovery(req, res, signer, issuers[0], origin()),
  );
  await listen(server, host);
  const origin = () => `https://${host}:${(server.address() as AddressInfo).port}`;
  const issue = (claims: TokenClaims) => signer.sign(tokenClaims(claims, issuers, clock.now(), newId()));
  options.log({ source: 'issuer', level: 'info', message: `token keys at ${origin()}/.well-known/jwks.json` });
  return {
    door: { name: 'issuer', origin: origin(), path: '', kind: 'request', access },
    jwksUrl: `${origin()}/.well-known/jwks.json`,
    caFile,
    setIssuers: (others) => {
      issuers = others;
    },
    issueToken: async (claims) => issue(claims),
    handleTokenRequest: (req, res) =>
      answerTokenRequest(req, res, ({ sub, tenant = DEFAULT_TENANT, expiresInSeconds }) => ({
        token: issue({ sub, tenant, expiresInSeconds }),
        expiresAt: clock.now() + expiresInSeconds * 1000,
      })),
    close: () => close(server),
  };
}

async function signerOf(state: StateSlot | undefined, newId: () => string): Promise<TokenSigner> {
  const kept = state?.restore().at(-1) as KeptKey | undefined;
  const signer = kept ? TokenSigner.from(kept) : await TokenSigner.create(newId());
  state?.onSnapshot(() => [signer.kept()]);
  state?.append(signer.kept());
  return signer;
}

function tokenClaims(claims: TokenClaims, issuers: readonly IssuerSpec[], now: number, jti: string): object {
  const { sub, tenant, expiresInSeconds = DEFAULT_SECONDS, issuer = issuers[0].issuer, ...others } = claims;
  const spec = issuers.find((candidate) => candidate.issuer === issuer);
  if (!spec)
    throw new Error(`\`issuer\` must be one of ${issuers.map((known) => known.issuer).join(', ')}, got: ${issuer}`);
  const iat = Math.floor(now / 1000);
  return {
    iss: spec.issuer,
    aud: spec.audience,
    sub,
    iat,
    exp: iat + expiresInSeconds,
    jti,
    ...(tenant !== undefined && { [spec.tenantClaim ?? 'tenant']: tenant }),
    ...others,
  };
}

function answerDiscovery(
  req: IncomingMessage,
  res: ServerResponse,
  signer: TokenSigner,
  spec: IssuerSpec,
  origin: string,
): void {
  const documents = new Map<string, object>([
    ['/.well-known/jwks.json', signer.keySet],
    [
      '/.well-known/openid-configuration',
      {
        issuer: spec.issuer,
        jwks_uri: `${origin}/.well-known/jwks.json`,
        id_token_signing_alg_values_supported: ['RS256'],
        response_types_supported: ['token'],
        subject_types_supported: ['public'],
      },
    ],
  ]);
  const document = req.method === 'GET' ? documents.get(req.url?.split('?')[0] ?? '') : undefined;
  res.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
  res.end(JSON.stringify(document ?? { message: 'Not found.' }));
}

function listen(server: Server, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
}

function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return closed;
}
