import { StreamerError, verifyWebhook } from 'cdk-streamer-client/server';
import { signatureHeaders, signingKey } from '../../../../lambda-src/flows/announcements/webhook';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = Buffer.alloc(32, 9).toString('base64');
const NOW = 1_700_000_000_000;
const EVENT = {
  type: 'request.completed',
  timestamp: '2026-01-31T10:05:00.000Z',
  data: { eventId: 'evt_1', text: 'é' },
};
const BODY = JSON.stringify(EVENT);

/** Creates the headers with the code of the sender. */
function signed(secrets: string[] = [SECRET], body = BODY, id = 'evt_1', at = NOW) {
  return signatureHeaders(secrets.map(signingKey), { id, timestamp: at / 1000, body });
}

const verify = (more: Partial<Parameters<typeof verifyWebhook>[0]> = {}) =>
  verifyWebhook({ secret: SECRET, headers: signed(), body: BODY, now: () => NOW, ...more });

const refused = (why: string) => ({
  name: 'StreamerError',
  code: 'UNAUTHORIZED',
  message: expect.stringContaining(why),
});

test('the event of a webhook with a valid signature is returned', async () => {
  expect(await verify()).toEqual(EVENT);
});

test.each([
  ['a Headers', new Headers(signed())],
  [
    'names in another case',
    Object.fromEntries(Object.entries(signed()).map(([name, value]) => [name.toUpperCase(), value])),
  ],
  ['lists of values', Object.fromEntries(Object.entries(signed()).map(([name, value]) => [name, [value]]))],
])('headers may be %s', async (_, headers) => {
  expect(await verify({ headers })).toEqual(EVENT);
});

test('a body may be bytes', async () => {
  expect(await verify({ body: new TextEncoder().encode(BODY) })).toEqual(EVENT);
  expect(await verify({ body: Buffer.from(BODY) })).toEqual(EVENT);
});

test('the secret may be given without its prefix', async () => {
  expect(await verify({ secret: SECRET.slice('whsec_'.length) })).toEqual(EVENT);
});

test('while the secret changes, either side may switch first', async () => {
  expect(await verify({ secret: [OTHER, SECRET] })).toEqual(EVENT);
  expect(await verify({ headers: signed([OTHER, SECRET]) })).toEqual(EVENT);
  expect(await verify({ secret: OTHER, headers: signed([OTHER, SECRET]) })).toEqual(EVENT);
});

test.each<[string, Partial<Parameters<typeof verifyWebhook>[0]>]>([
  ['another secret', { secret: OTHER }],
  ['another body', { body: BODY.replace('completed', 'cancelled') }],
  [
    'a signature of another version',
    { headers: { ...signed(), 'webhook-signature': signed()['webhook-signature']?.replace('v1,', 'v1a,') } },
  ],
  ['a signature that is no base64', { headers: { ...signed(), 'webhook-signature': 'v1,%%%' } }],
  ['an empty signature', { headers: { ...signed(), 'webhook-signature': 'v1,' } }],
  ['another id', { headers: { ...signed(), 'webhook-id': 'evt_2' } }],
  ['another time', { headers: { ...signed(), 'webhook-timestamp': String(NOW / 1000 + 1) } }],
])('%s is refused', async (_, change) => {
  await expect(verify(change)).rejects.toMatchObject(refused('no signature fits'));
});

test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('a request without %s is refused', async (name) => {
  await expect(verify({ headers: { ...signed(), [name]: undefined } })).rejects.toMatchObject(refused('it has no'));
});

test('a signature whose time differs by more than the tolerance is refused', async () => {
  const after = (seconds: number, toleranceSeconds?: number) =>
    verify({ now: () => NOW + seconds * 1000, ...(toleranceSeconds === undefined ? {} : { toleranceSeconds }) });

  expect(await after(300)).toEqual(EVENT);
  await expect(after(301)).rejects.toMatchObject(refused('its time'));
  await expect(after(-301)).rejects.toMatchObject(refused('its time'));
  expect(await after(900, 900)).toEqual(EVENT);
  await expect(after(11, 10)).rejects.toMatchObject(refused('its time'));
});

test.each(['soon', '-1', '1e9', 'NaN', ''])('a signature time of %p is refused', async (timestamp) => {
  const headers = { ...signed(), 'webhook-timestamp': timestamp };
  await expect(verify({ headers })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test.each([
  'null',
  '[]',
  '{"type":"x"}',
  '{"type":"x","data":{"eventId":"evt_2"}}',
  'no json',
])('a signed body that is not an event with the id of the headers (%p) is refused', async (body) => {
  await expect(verify({ body, headers: signed([SECRET], body) })).rejects.toMatchObject(refused('not an event'));
});

test.each(['', 'whsec_', 'not base64!'])('a secret of %p is a TypeError of the receiver', async (secret) => {
  await expect(verify({ secret })).rejects.toThrow(TypeError);
});

test('the error is a StreamerError of this client', async () => {
  await expect(verify({ secret: OTHER })).rejects.toBeInstanceOf(StreamerError);
});
