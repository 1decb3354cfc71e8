import { type E2eRun, startE2e, until } from './run';

/** The bundled authorizer with tokens of the run's issuer. A minifier has renamed all classes in the bundle. */
let e2e: E2eRun;
beforeAll(async () => {
  e2e = await startE2e();
});
afterAll(() => e2e?.close());

async function handshake(claims: object): Promise<number> {
  const token = await e2e.token(claims as { sub?: string });
  const socket = e2e.socket(token);
  return new Promise((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode));
  });
}

const reasons = () => e2e.log.flatMap(({ message }) => /a token was refused reason=(.*)/.exec(message)?.[1] ?? []);

test.each([
  ['an end in milliseconds', { exp: Date.now() + 600_000 }, '`exp` is not in epoch seconds'],
  ['no end', { exp: undefined }, 'the token has no `exp`'],
  ['an end that is over', { expiresInSeconds: -100 }, 'the token has expired'],
  ['another audience', { aud: 'other' }, 'the token is for another audience'],
  ['another issuer', { iss: 'https://other.example.com/' }, 'the token is from another issuer'],
  ['no user', { sub: '' }, '`sub` is not a string of 1 to 256 characters'],
])('a token with %s gets 401, and the log contains the reason', async (_name, claims, reason) => {
  const before = reasons().length;
  expect(await handshake(claims)).toBe(401);
  const [logged] = await until('the reason in the log', () => reasons().length > before && reasons().slice(before));
  expect(logged).toBe(reason);
});

test.each([[null], [''], [7], [{ name: 'acme' }]])('a token with the tenant %j gets 403', async (tenant) => {
  expect(await handshake({ tenant })).toBe(403);
});

test('a valid token opens a connection, also without a claim of the tenant', async () => {
  expect(await handshake({})).toBe(101);
  expect(await handshake({ tenant: undefined })).toBe(101);
});
