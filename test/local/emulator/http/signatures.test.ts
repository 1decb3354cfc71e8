import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import fc from 'fast-check';
import {
  CredentialBook,
  environmentToken,
  Signatures,
  signedHeaders,
  type Verdict,
} from '../../../../local/emulator/http';
import { FakeClock } from '../../../fakes/fake-clock';

const clock = new FakeClock(Date.now());
const book = new CredentialBook();
const signatures = new Signatures(book, clock);
const credentials = { accessKeyId: 'ASIAFUNCTION', secretAccessKey: 'secret+/=', sessionToken: 'token+/=' };
book.add('worker', credentials);

/** Results of the signature checks so far. */
const verdicts: Verdict[] = [];
let service = 'dynamodb';
let server: Server;
let endpoint: string;

beforeAll(async () => {
  server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    verdicts.push(await signatures.verify(req, service, Buffer.concat(chunks)));
    res.setHeader('content-type', 'application/x-amz-json-1.0').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  verdicts.length = 0;
  service = 'dynamodb';
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const config = (secretAccessKey = credentials.secretAccessKey) => ({
  endpoint,
  region: 'eu-west-1',
  credentials: { ...credentials, secretAccessKey },
  maxAttempts: 1,
});

const VALID = { valid: true, caller: { name: 'worker', credentials } };

test("requests of the SDK's clients are valid, and identify their sender", async () => {
  await new DynamoDBClient(config()).send(new ListTablesCommand({}));
  service = 'lambda';
  const FunctionName = 'arn:aws:lambda:eu-west-1:000000000000:function:a b';
  const Payload = Buffer.from('{"text":"ä"}');
  await new LambdaClient(config()).send(new InvokeCommand({ FunctionName, Payload, Qualifier: '$LATEST' }));
  service = 's3';
  const s3 = new S3Client({ ...config(), forcePathStyle: true });
  const Key = 'a key/with (all) kinds+of=characters&ä~*!';
  await s3.send(new PutObjectCommand({ Bucket: 'b', Key, Body: 'content' }));
  expect(verdicts).toEqual([VALID, VALID, VALID]);
});

test('a signature with another secret, for another service or with an unknown session token is not valid', async () => {
  await new DynamoDBClient(config('other')).send(new ListTablesCommand({}));
  service = 'sqs';
  await new DynamoDBClient(config()).send(new ListTablesCommand({}));
  service = 'dynamodb';
  const other = { ...credentials, sessionToken: 'other' };
  await new DynamoDBClient({ ...config(), credentials: other }).send(new ListTablesCommand({}));
  const unknown = { accessKeyId: 'AKIATEST', secretAccessKey: 'test' };
  await new DynamoDBClient({ ...config(), credentials: unknown }).send(new ListTablesCommand({}));
  expect(verdicts.map((verdict) => !verdict.valid && verdict.fault)).toEqual([
    'mismatch',
    'wrong-service',
    'unknown-key',
    'unknown-key',
  ]);
});

test('the session token of an environment identifies the environment', async () => {
  const sessionToken = environmentToken(credentials.sessionToken, '7');
  await new DynamoDBClient({ ...config(), credentials: { ...credentials, sessionToken } }).send(
    new ListTablesCommand({}),
  );
  const similar = { ...credentials, sessionToken: `${credentials.sessionToken}7` };
  await new DynamoDBClient({ ...config(), credentials: similar }).send(new ListTablesCommand({}));
  expect(verdicts).toMatchObject([
    { valid: true, caller: { name: 'worker', environment: '7' } },
    { valid: false, fault: 'unknown-key' },
  ]);
});

test('presigned URLs are valid until they expire', async () => {
  service = 's3';
  const s3 = new S3Client({ ...config(), forcePathStyle: true });
  const command = new GetObjectCommand({
    Bucket: 'b',
    Key: 'a b',
    ResponseContentDisposition: 'attachment; filename="x y"',
  });
  const url = await getSignedUrl(s3, command, { expiresIn: 60, signingDate: new Date(clock.now()) });
  await fetch(url);
  await fetch(url.replace('a%20b', 'other'));
  await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'));
  await fetch(url.replace(/X-Amz-Signature=[0-9a-f]{8}/, 'X-Amz-Signature=00000000'));
  clock.advance(61_000);
  await fetch(url);
  expect(verdicts.map((verdict) => verdict.valid || verdict.fault)).toEqual([
    true,
    'mismatch',
    'mismatch',
    'mismatch',
    'expired',
  ]);
  clock.advance(-61_000);
});

/** Returns a signed request as a server receives it. */
async function signedRequest(body: string, headers: Record<string, string> = {}) {
  const url = `${endpoint}/some/path?a=1&b=x%20y&b=z`.replace('&b=z', '');
  const signed = await signedHeaders(credentials, { url, service, headers, body });
  return {
    method: 'POST',
    url: url.slice(endpoint.length),
    headers: { host: endpoint.slice(7), ...signed } as Record<string, string>,
  };
}

test('a signature in a header is valid for 15 minutes', async () => {
  const request = await signedRequest('{}');
  clock.advance(14 * 60_000);
  expect(await signatures.verify(request, service, Buffer.from('{}'))).toEqual(VALID);
  clock.advance(2 * 60_000);
  expect(await signatures.verify(request, service, Buffer.from('{}'))).toMatchObject({ fault: 'expired' });
  clock.advance(-16 * 60_000);
});

test('a body is verified by the hash in the headers, or directly if there is none', async () => {
  const request = await signedRequest('{}');
  expect(await signatures.verify(request, service, Buffer.from('{ }'))).toMatchObject({ fault: 'wrong-body' });
  const { 'x-amz-content-sha256': _hash, ...headers } = request.headers;
  expect(await signatures.verify({ ...request, headers }, service, Buffer.from('{}'))).toMatchObject({
    fault: 'mismatch',
  });
});

test('any change of a signed request makes it invalid', async () => {
  const request = await signedRequest('{"a":1}', { 'x-amz-target': 'DynamoDB_20120810.GetItem' });
  const names = Object.keys(request.headers).filter((name) => name !== 'authorization');
  const changed = fc.oneof(
    fc.constantFrom('GET', 'PUT').map((method) => ({ ...request, method })),
    fc
      .webPath()
      .filter((path) => path !== '/some/path')
      .map((path) => ({ ...request, url: `${path || '/'}?a=1&b=x%20y` })),
    fc.webQueryParameters().map((query) => ({ ...request, url: `${request.url}&${query || 'c'}` })),
    fc.tuple(fc.constantFrom(...names), fc.string({ minLength: 1 })).map(([name, more]) => ({
      ...request,
      headers: { ...request.headers, [name]: `${request.headers[name]}x${more}` },
    })),
    fc.constantFrom(...names).map((name) => ({ ...request, headers: { ...request.headers, [name]: undefined } })),
  );
  await fc.assert(
    fc.asyncProperty(changed, async (broken) => {
      expect(await signatures.verify(broken, service, Buffer.from('{"a":1}'))).toMatchObject({ valid: false });
    }),
  );
  expect(await signatures.verify(request, service, Buffer.from('{"a":1}'))).toEqual(VALID);
});

test('no header and no query makes the verification throw', async () => {
  const strings = fc.oneof(fc.string(), fc.constant(undefined));
  await fc.assert(
    fc.asyncProperty(strings, strings, strings, async (authorization, date, query) => {
      const headers = {
        host: 'x',
        authorization: authorization && `AWS4-HMAC-SHA256 ${authorization}`,
        'x-amz-date': date,
      };
      expect(
        await signatures.verify({ method: 'GET', url: `/?X-Amz-Signature=${query}`, headers }, service),
      ).toMatchObject({ valid: false });
      expect(await signatures.verify({ method: 'GET', url: '/', headers }, service)).toMatchObject({ valid: false });
    }),
  );
});
