import { createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { S3Payloads } from '../../../lambda-src/aws/s3-payloads';
import { CredentialBook, type ServedService, Signatures, serveAlone } from '../../../local/emulator/http';
import { S3Service } from '../../../local/emulator/s3';
import { FakeClock } from '../../fakes/fake-clock';
import { proxyTo, TestServer } from '../support/servers';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'secret' };
const NOW = Date.UTC(2026, 5, 1, 12);
const KEY = 'acme/in/request/20605-content';

const platform = { now: () => clock.now(), random: () => 0, sleep: async () => undefined };
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('base64');
const payloadsAt = (endpoint: string) =>
  new S3Payloads('payloads', platform, { ...KEYS, AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_S3: endpoint });

let clock: FakeClock;
let server: ServedService;
let payloads: S3Payloads;

beforeEach(async () => {
  clock = new FakeClock(NOW);
  const service = new S3Service({ clock, log: () => undefined });
  service.createBucket('payloads');
  const book = new CredentialBook();
  book.add('router', { accessKeyId: KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY });
  server = await serveAlone(service.api, { verifier: new Signatures(book, clock) });
  payloads = payloadsAt(server.url);
});
afterEach(() => server.close());

const upload = async (text: string, { body = text, headers = {} }: { body?: string; headers?: object } = {}) => {
  const slot = await payloads.upload({ key: KEY, bytes: Buffer.byteLength(text), sha256: sha256(text) });
  return fetch(slot.url, { method: 'PUT', headers: { ...slot.headers, ...headers }, body });
};

describe('an object', () => {
  test.each([
    '1',
    '"é€😀"',
    JSON.stringify('x'.repeat(300_000)),
  ])('an object is returned as it was stored: %#', async (text) => {
    const object = await payloads.put(KEY, text);

    expect(object).toEqual({ key: KEY, bytes: Buffer.byteLength(text), sha256: sha256(text) });
    expect(Buffer.from((await payloads.get(object)) as Uint8Array).toString()).toBe(text);
    expect(await payloads.size(KEY)).toBe(object.bytes);
    expect(await new Response(await payloads.stream(object)).text()).toBe(text);
  });

  test('an object is undefined if it does not exist', async () => {
    const object = { key: 'acme/none', bytes: 3, sha256: sha256('abc') };

    expect(await payloads.get(object)).toBeUndefined();
    expect(await payloads.stream(object)).toBeUndefined();
    expect(await payloads.size(object.key)).toBeUndefined();
  });
});

describe('a URL for an upload', () => {
  test('a URL for an upload stores the described content, once', async () => {
    expect((await upload('"first"')).status).toBe(200);
    expect((await upload('"other"')).status).toBe(412);
    expect(await payloads.size(KEY)).toBe(7);
  });

  test.each([
    ['other content of the same length', { body: '"worse"' }],
    ['content of another length', { body: '"longer"' }],
    ['another checksum', { headers: { 'x-amz-checksum-sha256': sha256('"worse"') } }],
    ['another condition', { headers: { 'if-none-match': '"etag"' } }],
  ])('a URL for an upload refuses %s', async (_what, wrong) => {
    expect((await upload('"right"', wrong)).ok).toBe(false);
    expect(await payloads.size(KEY)).toBeUndefined();
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('an object that a client has stored with the encoding %s counts as missing, because its content would exceed its size', async (encoding, compress) => {
    const small = compress(Buffer.from(JSON.stringify('x'.repeat(1_000_000))));
    const object = { key: KEY, bytes: small.length, sha256: sha256(small) };
    const slot = await payloads.upload(object);
    const headers = { ...slot.headers, 'content-encoding': encoding };
    expect((await fetch(slot.url, { method: 'PUT', headers, body: small as Uint8Array<ArrayBuffer> })).status).toBe(
      200,
    );

    expect(await payloads.size(KEY)).toBeUndefined();
    expect(await payloads.get(object)).toBeUndefined();
    expect(await payloads.stream(object)).toBeUndefined();
  });

  test('a URL for an upload refuses an upload without one of its headers', async () => {
    const slot = await payloads.upload({ key: KEY, bytes: 3, sha256: sha256('"a"') });
    for (const name of Object.keys(slot.headers)) {
      const { [name]: _, ...headers } = slot.headers;
      expect((await fetch(slot.url, { method: 'PUT', headers, body: '"a"' })).ok).toBe(false);
    }
    expect(await payloads.size(KEY)).toBeUndefined();
  });

  test('a URL for an upload is refused after 15 minutes', async () => {
    const slot = await payloads.upload({ key: KEY, bytes: 3, sha256: sha256('"a"') });
    clock.advance(901_000);

    expect((await fetch(slot.url, { method: 'PUT', headers: slot.headers, body: '"a"' })).status).toBe(403);
  });
});

test('a URL for a download returns the object for 15 minutes, and contains its size and content', async () => {
  const { url, ...content } = await payloads.download(await payloads.put(KEY, '"result"'));

  expect(content).toEqual({ bytes: 8, sha256: sha256('"result"') });
  expect(await (await fetch(url)).text()).toBe('"result"');
  clock.advance(901_000);
  expect((await fetch(url)).status).toBe(403);
});

describe('on AWS', () => {
  const env = { ...KEYS, AWS_SESSION_TOKEN: 'a+b/c==', AWS_REGION: 'eu-central-1' };
  const client = new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret', sessionToken: 'a+b/c==' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const options = { expiresIn: 900, signingDate: new Date(NOW) };
  const parts = (url: string) => {
    const { origin, pathname, searchParams } = new URL(url);
    return { address: origin + pathname, query: Object.fromEntries(searchParams) };
  };
  const own = () => new S3Payloads('payloads', platform, env);

  test("on AWS the URL of a download equals the SDK's URL", async () => {
    const { url } = await own().download({ key: KEY, bytes: 1, sha256: '' });
    const theirs = parts(await getSignedUrl(client, new GetObjectCommand({ Bucket: 'payloads', Key: KEY }), options));
    const { 'x-id': id, ...query } = theirs.query;

    expect(id).toBe('GetObject');
    expect(parts(url).address).toBe(theirs.address);
    const names = (all: object) =>
      Object.keys(all)
        .filter((name) => !/checksum/i.test(name))
        .sort();
    expect(names(parts(url).query)).toEqual(names(query));
  });

  test('on AWS the URL of an upload has the host of the bucket, and signs length, checksum, type and condition', async () => {
    const { url } = await own().upload({ key: KEY, bytes: 3, sha256: sha256('"a"') });
    const command = new PutObjectCommand({ Bucket: 'payloads', Key: KEY });

    expect(parts(url).address).toBe(parts(await getSignedUrl(client, command, options)).address);
    expect(parts(url).query).toMatchObject({
      'X-Amz-SignedHeaders': 'content-length;content-type;host;if-none-match;x-amz-checksum-sha256',
      'X-Amz-Security-Token': 'a+b/c==',
      'X-Amz-Expires': '900',
    });
  });

  test.each([
    ['ab.c', {}],
    ['abc', { AWS_USE_FIPS_ENDPOINT: 'true' }],
    ['abc', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }],
    ['abc', { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' }],
  ])("on AWS the bucket %s with %j has the SDK's address", async (bucket, more) => {
    const options = {
      region: env.AWS_REGION,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      useFipsEndpoint: 'AWS_USE_FIPS_ENDPOINT' in more,
      useDualstackEndpoint: 'AWS_USE_DUALSTACK_ENDPOINT' in more,
      forcePathStyle: false,
    };
    const command = new GetObjectCommand({ Bucket: bucket, Key: 'k' });
    const own = new S3Payloads(bucket, platform, { ...env, ...more });

    const { url } = await own.download({ key: 'k', bytes: 1, sha256: '' });
    expect(parts(url).address).toBe(parts(await getSignedUrl(new S3Client(options), command)).address);
  });
});

describe('a call that fails', () => {
  const failing = async (statuses: number[], work: (payloads: S3Payloads) => Promise<unknown>) => {
    const s3 = new TestServer((_received, response, count) => {
      response.writeHead(statuses[count - 1] ?? 200).end('<Error><Code>SlowDown</Code></Error>');
    });
    const result = await work(payloadsAt(await s3.listen())).then(
      (value) => ({ value }),
      (error: Error) => ({ error }),
    );
    await s3.close();
    return { ...result, calls: s3.received.length } as { value?: unknown; error?: Error; calls: number };
  };

  test('a call that fails is repeated twice after errors of the server', async () => {
    expect(await failing([500, 503], (to) => to.put(KEY, '1'))).toMatchObject({ calls: 3, value: { bytes: 1 } });
    const { calls, error } = await failing([503, 503, 503, 503], (to) => to.put(KEY, '1'));
    expect([calls, error?.message]).toEqual([3, 'S3 answered 503 SlowDown to PUT']);
  });

  test('a call that fails is not repeated after a refusal, whose error contains neither URL nor key', async () => {
    const { calls, error } = await failing([403, 403], (to) => to.get({ key: KEY, bytes: 1, sha256: '' }));

    expect(calls).toBe(1);
    expect(String(error)).toBe('S3Refusal: S3 answered 403 SlowDown to GET');
  });

  test('a call that fails a PUT to a bucket that does not exist is an error', async () => {
    expect((await failing([404], (to) => to.put(KEY, '1'))).error?.message).toContain('404');
  });

  test('a call that fails is repeated if the connection breaks', async () => {
    const proxy = proxyTo(
      () => server.url,
      (_received, count) => count > 1,
    );
    const broken = payloadsAt(await proxy.listen());

    // The proxy changes the host, so the signature is not valid.
    await expect(broken.put(KEY, '1')).rejects.toThrow('403');
    expect(proxy.received).toHaveLength(2);
    await proxy.close();
  });
});
