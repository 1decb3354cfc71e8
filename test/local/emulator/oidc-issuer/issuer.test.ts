import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Issuer, startIssuer } from '../../../../local/emulator/oidc-issuer';
import type { LogEvent } from '../../../../local/emulator/types';

const ISSUER = 'https://id.example.com/';
const AUDIENCE = 'reports';

let tlsDir: string;
let issuer: Issuer;
let logged: LogEvent[];

beforeAll(async () => {
  tlsDir = mkdtempSync(join(tmpdir(), 'issuer-'));
  logged = [];
  issuer = await startIssuer({
    issuers: [
      { issuer: ISSUER, audience: AUDIENCE, tenantClaim: 'custom:tenant' },
      { issuer: 'https://other.example.com/', audience: 'other' },
    ],
    tlsDir,
    log: (event) => logged.push(event),
  });
});

afterAll(async () => {
  await issuer.close();
  rmSync(tlsDir, { recursive: true });
});

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());

/**
 * Verifies a token as a deployed authorizer does. The process trusts the run's authority only because of its
 * environment variables.
 */
async function verify(token: string, env: NodeJS.ProcessEnv = { NODE_EXTRA_CA_CERTS: issuer.caFile }) {
  const script = `
    const { JwtVerifier } = require(process.argv[1]);
    const [issuer, audience, jwksUri, token] = process.argv.slice(2);
    JwtVerifier.create({ issuer, audience, jwksUri }).verify(token)
      .then((claims) => console.log(JSON.stringify({ claims })), (error) => console.log(JSON.stringify({ error: error.constructor.name })));
  `;
  const args = ['-e', script, require.resolve('aws-jwt-verify'), ISSUER, AUDIENCE, issuer.jwksUrl, token];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout) as { claims?: Record<string, unknown>; error?: string };
}

describe('tokens', () => {
  test('a token is verified by aws-jwt-verify through the environment’s extra authority', async () => {
    const { claims } = await verify(await issuer.issueToken({ sub: 'ada', tenant: 'acme', scope: 'reports:read' }));
    expect(claims).toEqual({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'ada',
      'custom:tenant': 'acme',
      scope: 'reports:read',
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(Number(claims?.exp) - Number(claims?.iat)).toBe(3600);
  });

  test.each([
    ['an expired token', { expiresInSeconds: -1 }, 'JwtExpiredError'],
    ['another issuer’s', { issuer: 'https://other.example.com/' }, 'JwtInvalidIssuerError'],
    ['one for another audience', { aud: 'elsewhere' }, 'JwtInvalidAudienceError'],
  ])('%s is refused by the verifier', async (_name, claims, error) => {
    expect(await verify(await issuer.issueToken({ sub: 'ada', ...claims }))).toEqual({ error });
  });

  test('a token with a changed claim is refused by the verifier', async () => {
    const [header, , signature] = (await issuer.issueToken({ sub: 'ada' })).split('.');
    const [, forged] = (await issuer.issueToken({ sub: 'eve' })).split('.');
    expect(await verify([header, forged, signature].join('.'))).toEqual({ error: 'JwtInvalidSignatureError' });
  });

  test('without the extra authority the keys are not trusted', async () => {
    expect(await verify(await issuer.issueToken({ sub: 'ada' }), {})).toEqual({ error: 'FetchError' });
  });

  test('an issuer that is not configured is an error that names the known ones', async () => {
    await expect(issuer.issueToken({ sub: 'ada', issuer: 'https://nope/' })).rejects.toThrow(ISSUER);
  });

  test('two runs have different keys and ids', async () => {
    const other = await startIssuer({
      issuers: [{ issuer: ISSUER, audience: AUDIENCE }],
      tlsDir: join(tlsDir, 'b'),
      log: () => undefined,
    });
    try {
      expect(await verify(await other.issueToken({ sub: 'ada' }))).toEqual({ error: 'KidNotFoundInJwksError' });
    } finally {
      await other.close();
    }
  });
});

describe('TLS', () => {
  const fetchJson = (url: string) =>
    new Promise<{ status?: number; body: Record<string, unknown> }>((resolve, reject) => {
      get(url, { ca: readFileSync(issuer.caFile) }, (res) => {
        let text = '';
        res.on('data', (chunk) => (text += chunk));
        res.on('end', () => resolve({ status: res.statusCode, body: JSON.parse(text) }));
      }).on('error', reject);
    });

  test('only the authority’s certificate is written, for this user alone, and no key', () => {
    expect(statSync(issuer.caFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(issuer.caFile, 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(readFileSync(issuer.caFile, 'utf8')).not.toContain('PRIVATE');
  });

  test('an older file, or a link in its place, is replaced and not followed', async () => {
    const directory = mkdtempSync(join(tlsDir, 'linked-'));
    const target = join(tlsDir, 'precious');
    writeFileSync(target, 'precious', { mode: 0o644 });
    symlinkSync(target, join(directory, 'ca.pem'));
    const other = await startIssuer({
      issuers: [{ issuer: ISSUER, audience: AUDIENCE }],
      tlsDir: directory,
      log: () => undefined,
    });
    await other.close();
    expect(readFileSync(target, 'utf8')).toBe('precious');
    expect(statSync(other.caFile).mode & 0o777).toBe(0o600);
  });

  test('TLS serves the public keys and the discovery document on 127.0.0.1 and localhost, nothing else', async () => {
    const { body } = await fetchJson(issuer.jwksUrl);
    expect(body).toEqual({
      keys: [{ kty: 'RSA', n: expect.any(String), e: 'AQAB', kid: expect.any(String), use: 'sig', alg: 'RS256' }],
    });
    const discovery = issuer.jwksUrl.replace('jwks.json', 'openid-configuration');
    expect((await fetchJson(discovery)).body).toMatchObject({ issuer: ISSUER, jwks_uri: issuer.jwksUrl });
    expect((await fetchJson(issuer.jwksUrl.replace('127.0.0.1', 'localhost'))).status).toBe(200);
    expect((await fetchJson(issuer.jwksUrl.replace('.well-known', 'other'))).status).toBe(404);
  });
});

describe('the token endpoint', () => {
  let server: Server;
  let port: number;

  beforeEach(async () => {
    server = createServer((req, res) => void issuer.handleTokenRequest(req, res));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterEach(() => new Promise((resolve) => server.close(resolve)));

  function ask(body: string, headers: Record<string, string> = {}, method = 'POST') {
    return new Promise<{ status?: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
      (resolve, reject) => {
        const req = request({ host: '127.0.0.1', port, method, path: '/token', headers }, (res) => {
          let text = '';
          res.on('data', (chunk) => (text += chunk));
          res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, body: text }));
        });
        req.on('error', reject).end(body);
      },
    );
  }

  test.each([
    'http://localhost:5173',
    'http://127.0.0.1:5173',
    'http://localhost',
  ])('a page of %s gets a token', async (origin) => {
    const { status, headers, body } = await ask('{"sub":"ada","tenant":"acme","expiresInSeconds":60}', { origin });
    expect(status).toBe(200);
    expect(headers['access-control-allow-origin']).toBe(origin);
    expect(headers['cache-control']).toBe('no-store');
    const { token, expiresAt } = JSON.parse(body);
    const claims = claimsOf(token);
    expect(claims).toMatchObject({ sub: 'ada', 'custom:tenant': 'acme', exp: claims.iat + 60 });
    expect(Math.abs(expiresAt - claims.exp * 1000)).toBeLessThanOrEqual(1000);
  });

  test('a program without an origin gets a token, with a user and a tenant of the local run by default', async () => {
    const { status, body } = await ask('');
    expect(status).toBe(200);
    expect(claimsOf(JSON.parse(body).token)).toMatchObject({ sub: 'local-user', 'custom:tenant': 'local-tenant' });
  });

  test('the token endpoint answers a preflight', async () => {
    const { status, headers } = await ask('', { origin: 'http://localhost:5173' }, 'OPTIONS');
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:5173',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
    });
  });

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a name that begins with localhost', { origin: 'http://localhost.evil.example' }],
    ['a sandboxed page', { origin: 'null' }],
    ['https on localhost', { origin: 'https://localhost:5173' }],
    ['a user before the host', { origin: 'http://localhost:1@evil.example' }],
    ['a rebound name in Host', { host: 'evil.example' }],
    ['a rebound name in Host, from a loopback origin', { host: 'evil.example:80', origin: 'http://localhost:5173' }],
  ])('%s gets 403 and no token', async (_name, headers) => {
    const { status, headers: answered, body } = await ask('{}', headers as Record<string, string>);
    expect(status).toBe(403);
    expect(answered['access-control-allow-origin']).toBeUndefined();
    expect(body).not.toContain('eyJ');
  });

  test.each([
    ['no JSON', '{', 400],
    ['no object', '[]', 400],
    ['a subject that is not a string', '{"sub":7}', 400],
    ['an empty tenant', '{"tenant":""}', 400],
    ['an invalid lifetime', '{"expiresInSeconds":0}', 400],
    ['a lifetime above a day', '{"expiresInSeconds":86401}', 400],
    ['a body that is too large', `{"sub":"${'x'.repeat(5000)}"}`, 413],
  ])('%s gets a refusal', async (_name, body, status) => {
    expect((await ask(body)).status).toBe(status);
  });

  test('other methods get 405', async () => {
    expect((await ask('', {}, 'GET')).status).toBe(405);
  });

  test('the token endpoint never logs a token', async () => {
    const { body } = await ask('{}');
    expect(JSON.stringify(logged)).not.toContain(JSON.parse(body).token);
    expect(JSON.stringify(logged)).not.toContain('eyJ');
    expect(logged).toHaveLength(1);
  });
});
