import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  CredentialBook,
  type ServedService,
  Signatures,
  serveAlone,
  signedHeaders,
} from '../../../../local/emulator/http';
import { S3Service } from '../../../../local/emulator/s3';
import type { LogEvent } from '../../../../local/emulator/types';
import { FakeClock } from '../../../fakes/fake-clock';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const Bucket = 'results';
const MIB = 1024 * 1024;

let server: ServedService;
let endpoint: string;
let client: S3Client;
let clock: FakeClock;
let logged: LogEvent[];

beforeEach(async () => {
  logged = [];
  // the SDK signs URLs with the machine's time, so the service's clock begins at this time
  clock = new FakeClock(Date.now());
  const service = new S3Service({ clock, log: (event) => logged.push(event) });
  service.createBucket(Bucket);
  service.createBucket('site', {
    cors: [
      {
        allowedOrigins: ['https://*.example.com'],
        allowedMethods: ['GET', 'PUT'],
        allowedHeaders: ['content-*'],
        exposedHeaders: ['ETag'],
        maxAgeSeconds: 60,
      },
    ],
  });
  const book = new CredentialBook();
  book.add('tests', credentials);
  server = await serveAlone(service.api, { verifier: new Signatures(book, clock) });
  endpoint = server.url;
  client = new S3Client({
    endpoint,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await server.close();
});

interface Signed {
  readonly method: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

async function signedFetch(path: string, request: Signed): Promise<Response> {
  const url = endpoint + path;
  return fetch(url, { ...request, headers: await signedHeaders(credentials, { url, service: 's3', ...request }) });
}

const put = (Key: string, Body: PutObjectCommandInput['Body'], more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more: object = {}) => client.send(new GetObjectCommand({ Bucket, Key, ...more }));
const textOf = async (Key: string, more: object = {}) => (await get(Key, more)).Body?.transformToString();
const md5 = (data: string | Buffer) => createHash('md5').update(data).digest('hex');

describe('objects', () => {
  test('S3-01 an object is returned with its bytes, type, headers and metadata', async () => {
    const { ETag } = await put('a/ä b+c.txt', 'héllo', {
      ContentType: 'text/plain; charset=utf-8',
      ContentDisposition: 'inline',
      CacheControl: 'no-cache',
      Metadata: { owner: 'ada', 'request-id': '7' },
    });
    const object = await get('a/ä b+c.txt');
    expect(await object.Body?.transformToString()).toBe('héllo');
    expect(object).toMatchObject({
      ETag,
      ContentLength: 6,
      ContentType: 'text/plain; charset=utf-8',
      ContentDisposition: 'inline',
      CacheControl: 'no-cache',
      Metadata: { owner: 'ada', 'request-id': '7' },
      AcceptRanges: 'bytes',
    });
    expect(ETag).toBe(`"${md5('héllo')}"`);
    expect(object.LastModified?.getTime()).toBe(Math.floor(clock.now() / 1000) * 1000);
  });

  test('S3-02 without a type it is binary/octet-stream', async () => {
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'x' }));
    expect((await fetch(url, { method: 'PUT', body: new Uint8Array([1]) })).status).toBe(200);
    expect((await get('x')).ContentType).toBe('binary/octet-stream');
  });

  test('S3-03 HeadObject answers the headers without the body', async () => {
    await put('x', 'hello', { ContentType: 'text/plain' });
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'x' }))).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
    });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'nope' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    expect((await client.send(new HeadBucketCommand({ Bucket }))).$metadata.httpStatusCode).toBe(200);
  });

  test('S3-04 a deletion succeeds, also for a missing object', async () => {
    await put('x', 'hello');
    for (let i = 0; i < 2; i++) {
      const { $metadata } = await client.send(new DeleteObjectCommand({ Bucket, Key: 'x' }));
      expect($metadata.httpStatusCode).toBe(204);
    }
    await expect(get('x')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('S3-05 a missing key and a missing bucket are typed errors', async () => {
    await expect(get('nope')).rejects.toMatchObject({ name: 'NoSuchKey', Key: 'nope' });
    await expect(client.send(new GetObjectCommand({ Bucket: 'nope', Key: 'x' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });

  test.each([
    ['bytes=1-3', 'ell', 'bytes 1-3/5'],
    ['bytes=3-', 'lo', 'bytes 3-4/5'],
    ['bytes=-2', 'lo', 'bytes 3-4/5'],
    ['bytes=0-99', 'hello', 'bytes 0-4/5'],
    ['bytes=-99', 'hello', 'bytes 0-4/5'],
  ])('S3-06 the range %s is a partial answer', async (Range, text, ContentRange) => {
    await put('x', 'hello');
    const object = await get('x', { Range });
    expect(object).toMatchObject({ ContentRange, ContentLength: text.length, $metadata: { httpStatusCode: 206 } });
    expect(await object.Body?.transformToString()).toBe(text);
  });

  test('S3-07 a range without a byte is 416, and a header that is not a single range returns the whole object', async () => {
    await put('x', 'hello');
    await expect(get('x', { Range: 'bytes=5-' })).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
    await expect(get('x', { Range: 'bytes=-0' })).rejects.toMatchObject({ name: 'InvalidRange' });
    for (const Range of ['bytes=0-1,3-4', 'bytes=3-1', 'lines=1-2', 'bytes=-'])
      expect(await textOf('x', { Range })).toBe('hello');
  });

  test('S3-08 If-None-Match: * writes only if the object does not exist', async () => {
    await put('x', 'first', { IfNoneMatch: '*' });
    await expect(put('x', 'second', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    expect(await textOf('x')).toBe('first');
  });

  test('S3-09 If-Match replaces only that version', async () => {
    const { ETag } = await put('x', 'first');
    await put('x', 'second', { IfMatch: ETag });
    await expect(put('x', 'third', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put('y', 'third', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('S3-10 a read may be conditional', async () => {
    const { ETag } = await put('x', 'first');
    expect(await textOf('x', { IfMatch: ETag })).toBe('first');
    await expect(get('x', { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(get('x', { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
  });

  test('S3-11 a stream arrives in aws-chunked framing and is stored without it', async () => {
    const data = Buffer.from('0123456789'.repeat(30_000));
    const body = Readable.from([data.subarray(0, 100_000), data.subarray(100_000)]);
    const { ChecksumCRC32 } = await put('x', body, { ContentLength: data.length, ContentEncoding: 'gzip' });
    const object = await get('x');
    expect(ChecksumCRC32).toMatch(/^[\w+/]{6}==$/);
    expect(object).toMatchObject({ ContentLength: data.length, ContentEncoding: 'gzip', ChecksumCRC32 });
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(data)).toBe(true);
  });

  test.each([
    'SHA256',
    'SHA1',
    'CRC32',
  ] as const)('S3-12 a %s checksum is checked and echoed', async (ChecksumAlgorithm) => {
    const name = `Checksum${ChecksumAlgorithm}` as const;
    const sent = await put('x', 'hello', { ChecksumAlgorithm });
    expect(sent[name]).toBeDefined();
    expect((await get('x', { ChecksumMode: 'ENABLED' }))[name]).toBe(sent[name]);
    await expect(put('y', 'hello', { [name]: 'AAAA' })).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(get('y')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('S3-13 a wrong Content-MD5 is refused', async () => {
    await expect(put('x', 'hello', { ContentMD5: Buffer.alloc(16).toString('base64') })).rejects.toMatchObject({
      name: 'BadDigest',
    });
  });

  test.each([
    ['a broken chunk size', 'zz\r\nhello\r\n0\r\n\r\n'],
    ['a chunk that is cut off', 'ff\r\nhello'],
    ['another length than declared', '4\r\nhell\r\n0\r\n\r\n'],
  ])('S3-14 %s is an incomplete body', async (_name, body) => {
    const res = await signedFetch(`/${Bucket}/x`, {
      method: 'PUT',
      body,
      headers: {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': '5',
      },
    });
    expect(res.status).toBe(400);
    expect(await res.text()).toContain('<Code>IncompleteBody</Code>');
  });
});

describe('multipart uploads', () => {
  const start = async (Key: string, more: object = {}) =>
    (await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))).UploadId as string;
  const part = (Key: string, UploadId: string, PartNumber: number, Body: Buffer) =>
    client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  const complete = (Key: string, UploadId: string, Parts: { ETag?: string; PartNumber: number }[], more: object = {}) =>
    client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }));

  test('S3-15 parts become one object, by number, with the type given at the start', async () => {
    const UploadId = await start('big', { ContentType: 'application/pdf', Metadata: { a: 'b' } });
    const [first, second] = [Buffer.alloc(5 * MIB, 'a'), Buffer.from('tail')];
    const { ETag: secondTag } = await part('big', UploadId, 2, second);
    const { ETag: firstTag } = await part('big', UploadId, 1, first);
    const { ETag } = await complete('big', UploadId, [
      { ETag: firstTag, PartNumber: 1 },
      { ETag: secondTag, PartNumber: 2 },
    ]);
    expect(ETag).toBe(`"${md5(Buffer.from(md5(first) + md5(second), 'hex'))}-2"`);
    const object = await get('big', { Range: `bytes=${5 * MIB - 1}-` });
    expect(await object.Body?.transformToString()).toBe('atail');
    expect(object).toMatchObject({ ContentType: 'application/pdf', Metadata: { a: 'b' } });
    await expect(part('big', UploadId, 3, second)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  test('S3-16 a part below 5 MiB that is not the last is refused', async () => {
    const UploadId = await start('x');
    const Parts = await Promise.all(
      [1, 2].map(async (PartNumber) => ({
        PartNumber,
        ETag: (await part('x', UploadId, PartNumber, Buffer.from('a'))).ETag,
      })),
    );
    await expect(complete('x', UploadId, Parts)).rejects.toMatchObject({ name: 'EntityTooSmall' });
  });

  test('S3-17 an unknown part, a wrong order, no part and an unknown upload are typed errors', async () => {
    const UploadId = await start('x');
    const { ETag } = await part('x', UploadId, 2, Buffer.from('a'));
    await expect(complete('x', UploadId, [{ PartNumber: 1, ETag }])).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete('x', UploadId, [{ PartNumber: 2, ETag: '"0"' }])).rejects.toMatchObject({
      name: 'InvalidPart',
    });
    const twice = [2, 2].map((PartNumber) => ({ PartNumber, ETag }));
    await expect(complete('x', UploadId, twice)).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete('x', UploadId, [])).rejects.toMatchObject({ name: 'MalformedXML' });
    await expect(complete('x', 'nope', [{ PartNumber: 2, ETag }])).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await expect(part('x', UploadId, 10_001, Buffer.from('a'))).rejects.toMatchObject({ name: 'InvalidArgument' });
  });

  test('S3-18 an aborted upload is gone and leaves no object', async () => {
    const UploadId = await start('x');
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'x', UploadId }));
    await expect(part('x', UploadId, 1, Buffer.from('a'))).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await expect(get('x')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('S3-19 a completion with If-None-Match: * keeps an existing object', async () => {
    const UploadId = await start('x');
    const { ETag } = await part('x', UploadId, 1, Buffer.from('a'));
    await put('x', 'meanwhile');
    await expect(complete('x', UploadId, [{ PartNumber: 1, ETag }], { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    expect(await textOf('x')).toBe('meanwhile');
  });
});

describe('listing', () => {
  const list = (more: object = {}) => client.send(new ListObjectsV2Command({ Bucket, ...more }));

  test('S3-20 keys come in the order of their bytes, by prefix and in pages', async () => {
    for (const key of ['t1/b', 't1/a', 't2/c', 't1/ä&<x>', 't1/Z']) await put(key, key);
    const all = await list({ Prefix: 't1/' });
    expect(all.Contents?.map(({ Key }) => Key)).toEqual(['t1/Z', 't1/a', 't1/b', 't1/ä&<x>']);
    expect(all.Contents?.[1]).toMatchObject({ Size: 4, ETag: `"${md5('t1/a')}"`, StorageClass: 'STANDARD' });
    const first = await list({ Prefix: 't1/', MaxKeys: 3 });
    expect(first).toMatchObject({ IsTruncated: true, KeyCount: 3 });
    const second = await list({ Prefix: 't1/', MaxKeys: 3, ContinuationToken: first.NextContinuationToken });
    expect(second).toMatchObject({ IsTruncated: false, KeyCount: 1 });
    expect((await list({ StartAfter: 't1/b' })).KeyCount).toBe(2);
  });

  test('S3-21 a delimiter rolls keys up into common prefixes', async () => {
    for (const key of ['a/1', 'a/2', 'b', 'c/1']) await put(key, 'x');
    const { Contents, CommonPrefixes } = await list({ Delimiter: '/' });
    expect(Contents?.map(({ Key }) => Key)).toEqual(['b']);
    expect(CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['a/', 'c/']);
    const page = await list({ Delimiter: '/', MaxKeys: 1 });
    const next = await list({ Delimiter: '/', MaxKeys: 1, ContinuationToken: page.NextContinuationToken });
    expect(next.Contents?.map(({ Key }) => Key)).toEqual(['b']);
  });

  test('S3-22 an empty bucket lists nothing', async () => {
    expect(await list()).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });
});

describe('presigned URLs', () => {
  test('S3-23 a GET may set the headers of its answer', async () => {
    await put('x', 'report', { ContentType: 'application/octet-stream' });
    const command = new GetObjectCommand({
      Bucket,
      Key: 'x',
      ResponseContentType: 'application/pdf',
      ResponseContentDisposition: 'attachment; filename="report 1.pdf"',
    });
    const res = await fetch(await getSignedUrl(client, command));
    expect(res.headers.get('content-type')).toBe('application/pdf');
    expect(res.headers.get('content-disposition')).toBe('attachment; filename="report 1.pdf"');
    expect(await res.text()).toBe('report');
  });

  test('S3-24 a URL works until it expires, then it is 403 AccessDenied', async () => {
    await put('x', 'report');
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'x' }), { expiresIn: 60 });
    clock.advance(58_000);
    expect((await fetch(url)).status).toBe(200);
    clock.advance(5_000);
    const res = await fetch(url);
    expect(res.status).toBe(403);
    const text = await res.text();
    expect(text).toContain(
      '<Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>60</X-Amz-Expires>',
    );
  });

  test('S3-25 a header that was signed must be sent', async () => {
    const command = new PutObjectCommand({ Bucket, Key: 'x', IfNoneMatch: '*', ContentLength: 3 });
    const url = await getSignedUrl(client, command, { unhoistableHeaders: new Set(['if-none-match']) });
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toContain('if-none-match');
    expect(await (await fetch(url, { method: 'PUT', body: 'abc' })).text()).toContain('SignatureDoesNotMatch');
    const headers = { 'if-none-match': '*' };
    expect((await fetch(url, { method: 'PUT', body: 'abc', headers })).status).toBe(200);
    expect((await fetch(url, { method: 'PUT', body: 'abc', headers })).status).toBe(412);
  });

  test('S3-32 metadata in a presigned URL is stored; a checksum is enforced only in a header, not in the URL', async () => {
    const command = new PutObjectCommand({ Bucket, Key: 'x', Metadata: { owner: 'ada' } });
    const url = await getSignedUrl(client, command);
    expect(new URL(url).searchParams.get('x-amz-checksum-crc32')).toBe('AAAAAA==');
    expect((await fetch(url, { method: 'PUT', body: 'abc' })).status).toBe(200);
    expect((await get('x')).Metadata).toEqual({ owner: 'ada' });
    const headers = { 'x-amz-checksum-crc32': 'AAAAAA==' };
    expect(await (await fetch(url, { method: 'PUT', body: 'abc', headers })).text()).toContain(
      '<Code>BadDigest</Code>',
    );
  });

  test.each([
    ['no date', (url: URL) => url.searchParams.delete('X-Amz-Date'), 400, 'AuthorizationQueryParametersError'],
    [
      'a lifetime above a week',
      (url: URL) => url.searchParams.set('X-Amz-Expires', '604801'),
      400,
      'AuthorizationQueryParametersError',
    ],
    ['no signature', (url: URL) => url.searchParams.delete('X-Amz-Signature'), 403, 'AccessDenied'],
  ])('S3-26 a URL with %s is refused', async (_name, change, status, code) => {
    const url = new URL(await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'x' })));
    change(url);
    const res = await fetch(url);
    expect(res.status).toBe(status);
    expect(await res.text()).toContain(`<Code>${code}</Code>`);
  });

  test('S3-27 a request without any signature is refused: buckets are private', async () => {
    await put('x', 'secret');
    expect((await fetch(`${endpoint}/${Bucket}/x`)).status).toBe(403);
  });
});

describe('CORS', () => {
  const preflight = (origin: string, method: string, headers = 'content-type') =>
    fetch(`${endpoint}/site/x`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers },
    });

  test('S3-28 a preflight is answered by the bucket’s rules', async () => {
    const res = await preflight('https://app.example.com', 'PUT');
    expect(res.status).toBe(200);
    expect(Object.fromEntries(res.headers)).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-methods': 'GET, PUT',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '60',
    });
  });

  test.each([
    ['another origin', 'https://evil.example', 'PUT', 'content-type'],
    ['another method', 'https://app.example.com', 'DELETE', 'content-type'],
    ['another header', 'https://app.example.com', 'PUT', 'x-other'],
  ])('S3-29 a preflight with %s is refused', async (_name, origin, method, headers) => {
    expect((await preflight(origin, method, headers)).status).toBe(403);
  });

  test('S3-30 answers carry the headers for an allowed origin, errors too, and none for another', async () => {
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: 'site', Key: 'nope' }));
    const allowed = await fetch(url, { headers: { origin: 'https://app.example.com' } });
    expect(allowed.status).toBe(404);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(allowed.headers.get('access-control-expose-headers')).toBe('ETag');
    const other = await fetch(url, { headers: { origin: 'https://evil.example' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('operations that are not offered', () => {
  test('S3-31 another operation is NotImplemented, and reported', async () => {
    await expect(client.send(new GetObjectTaggingCommand({ Bucket, Key: 'x' }))).rejects.toMatchObject({
      name: 'NotImplemented',
    });
    await expect(put('x', 'y', { IfNoneMatch: '"etag"' })).rejects.toMatchObject({ name: 'NotImplemented' });
    expect(logged).toEqual([
      expect.objectContaining({ source: 's3', level: 'error', message: expect.stringContaining('tagging') }),
    ]);
  });

  test.each([
    ['a broken escape', '/results/%zz', 400],
    ['a key above 1,024 bytes', `/results/${'x'.repeat(1025)}`, 400],
    ['no bucket', '/', 404],
  ])('%s is an error, not a crash', async (_name, path, status) => {
    expect((await signedFetch(path, { method: 'GET' })).status).toBe(status);
  });
});
