import { signatureHeaders, signingKey } from '../../../../lambda-src/flows/announcements/webhook';

/** The example of the Standard Webhooks libraries. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const MESSAGE = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' };

test('the signature is that of the Standard Webhooks scheme', () => {
  expect(signatureHeaders([signingKey(SECRET)], MESSAGE)).toEqual({
    'webhook-id': MESSAGE.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('each key signs, the current one first', () => {
  const other = Buffer.alloc(24, 7);
  const [both, first, second] = [[signingKey(SECRET), other], [signingKey(SECRET)], [other]].map(
    (keys) => signatureHeaders(keys, MESSAGE)['webhook-signature'],
  );
  expect(both).toBe(`${first} ${second}`);
});

test('a secret is read with and without its prefix; a generated one has none', () => {
  expect(signingKey(SECRET.slice('whsec_'.length))).toEqual(signingKey(SECRET));
  expect(signingKey('abcdefghijklmnopqrstuvwxyzABCDEF')).toHaveLength(24);
});

test.each([
  ['nothing', ''],
  ['what is no base64', 'whsec_private secret!'],
  ['too short a key', `whsec_${Buffer.alloc(23, 'private').toString('base64')}`],
  ['too long a key', Buffer.alloc(65, 'private').toString('base64')],
])('%s is refused, and the error does not contain it', (_, secret) => {
  expect(() => signingKey(secret)).toThrow(/^(?!.*private)the webhook's secret must be base64 of 24 to 64 bytes/);
});
