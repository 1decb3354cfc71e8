import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { signedHeaders } from '../../../local/emulator/http';
import { type LocalRun, startLocalRun } from '../../../local/run';
import { removeAssemblies, writeAssembly } from '../emulator/assembly/write-assembly';
import { AUDIENCE, ISSUER, synthFixture } from './fixture/app';
import { Client, Listener, TestFolder } from './support';

/** A synthesized application with plain aws-cdk-lib, which runs unchanged. */
const folder = new TestFolder();
const listener = new Listener();
let run: LocalRun;
let token: string;

beforeAll(async () => {
  mkdirSync(folder.path('temp'));
  mkdirSync(folder.path('pages'));
  writeFileSync(folder.path('pages', 'index.html'), '<h1>page</h1>');
  run = await startLocalRun({
    assemblyDir: synthFixture(folder.path('cdk.out')),
    runtimeClient: folder.runtimeClient(),
    port: 0,
    tempDir: folder.path('temp'),
    log: listener.log,
    pages: { dir: folder.path('pages') },
  });
  token = (await run.issuer?.issueToken({ sub: 'ann' })) ?? '';
});

afterAll(async () => {
  await run.close();
  folder.remove();
});

function temporaryFolders(): string[] {
  return readdirSync(folder.path('temp'));
}

function connect(bearer = token): Promise<Client> {
  return Client.connect(run.url ?? '', { authorization: `Bearer ${bearer}` });
}

async function getJson(path: string): Promise<unknown> {
  return (await fetch(`${run.endpoint}${path}`)).json();
}

test('a message goes through route, table, stream, queue, bucket and @connections, and back', async () => {
  const client = await connect();

  client.send({ type: 'request', action: 'work', id: 'r-1' });
  const messages = [await client.next(), await client.next()];

  expect(messages).toContainEqual({ id: 'r-1', type: 'ack' });
  expect(messages).toContainEqual({ id: 'r-1', type: 'result', key: 'results/r-1.txt' });
  const bucket = run.physicalName('Fixture/Bucket');
  const url = `${run.endpoint}/_aws/s3/${bucket}/results/r-1.txt`;
  const headers = await signedHeaders(run.credentials, { url, service: 's3', method: 'GET' });
  const object = await fetch(url, { headers });
  expect(await object.text()).toBe('result of r-1');
  await client.close();
});

test("an answer comes in the route response, with the authorizer's context", async () => {
  const client = await connect();

  client.send({ action: 'who', id: 'r-2' });

  expect(await client.next()).toMatchObject({ id: 'r-2', user: 'ann' });
  await client.close();
});

test.each([
  ['without a token', '', 'Unexpected server response: 401'],
  ['with a token of another audience', 'other', 'Unexpected server response: 403'],
])('a connection %s is refused', async (_name, kind, message) => {
  if (kind === '') {
    await expect(Client.connect(run.url ?? '')).rejects.toThrow(message);
  } else {
    await expect(connect(await run.issuer?.issueToken({ sub: 'eve', aud: kind }))).rejects.toThrow(message);
  }
});

test('a function can be invoked by its construct, its logical id and its name', async () => {
  const event = { requestContext: { eventType: 'CONNECT' } };
  const { functionName, address } = run.functions.find(({ path }) => path === 'Fixture/Router') ?? {};

  for (const name of ['Fixture/Router', 'Router', functionName ?? '', address ?? '']) {
    expect(await run.invoke(name, event)).toMatchObject({ ok: true, payload: { statusCode: 200 } });
  }
  await expect(run.invoke('Nobody', event)).rejects.toThrow('no function is named Nobody: Fixture/Router, ');
});

test('a page finds the run in /streamer.json, and gets its token by POST', async () => {
  expect(await (await fetch(`${run.endpoint}/any/route`)).text()).toBe('<h1>page</h1>');
  expect(await getJson('/streamer.json')).toEqual({
    url: run.url,
    tokenUrl: '/_aws/token',
    outputs: { Fixture: { Url: run.url } },
  });
  expect(await getJson('/_aws/outputs')).toEqual({ Fixture: { Url: run.url } });

  const issued = await fetch(`${run.endpoint}/_aws/token`, { method: 'POST', body: JSON.stringify({ sub: 'bob' }) });
  const client = await connect(((await issued.json()) as { token: string }).token);
  client.send({ action: 'who', id: 'r-3' });
  expect(await client.next()).toMatchObject({ user: 'bob' });
  await client.close();

  expect((await fetch(`${run.endpoint}/_aws/token`)).status).toBe(405);
});

test('each step is reported, and a resource that is not run is a warning', () => {
  for (const line of [
    /^template: Fixture from \//,
    /^dynamodb: 1 table at http/,
    /^sqs: 2 queues at http/,
    /^s3: 1 bucket at http/,
    /^issuer: replaces https:\/\/issuer\.example\.com\/$/,
    /^lambda: 4 functions: Router, Dispatcher, Worker, Authorizer$/,
    /^gateway: 3 routes at ws:\/\/127\.0\.0\.1:\d+\/v1$/,
    /^lambda: polling 2 event sources$/,
    /^events: Dispatcher at rate\(1 minute\)$/,
  ]) {
    expect(listener.lines()).toContainEqual(expect.stringMatching(line));
  }
  expect(run.warnings).toEqual(['AWS::SNS::Topic is not run locally: Fixture/TopicBFC7AF6E']);
});

test('the log reports a message without its content, and contains no token', async () => {
  const client = await connect();
  client.send({ type: 'request', action: 'work', id: 'r-4', secret: 'do not log' });
  await client.next();
  await client.next();
  await client.close();

  await listener.line(/^gateway: \S{6}… \$connect: 200/);
  await listener.line(/^gateway: \S{6}… sent request work r-4 \(\d+ bytes\)$/);
  await listener.line(/^Router: \[r-4\] accepted$/);
  await listener.line(/^Dispatcher: 1 record of Table$/);
  await listener.line(/^Worker: 1 record of Queue$/);
  await listener.line(/^Worker: ok in \d+ ms, init \d+ ms$/);
  await listener.line(/^gateway: \S{6}… \$disconnect/);
  const logged = JSON.stringify(listener.events);
  expect(logged).not.toContain('do not log');
  expect(logged).not.toContain('eyJ');
});

test('a service that is not emulated is refused and named', async () => {
  const answer = await fetch(`${run.endpoint}/_aws/other/`, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${run.host.credentialsOf(run.functions[0]?.functionName ?? '').accessKeyId}/20260101/us-east-1/ssm/aws4_request`,
      'x-amz-target': 'AmazonSSM.GetParameter',
    },
  });

  expect(answer.status).toBe(501);
  await listener.line(/^\w+: ssm \(AmazonSSM\.GetParameter\) is not emulated by the local run$/);
});

test('a second run uses the next port, and closing it leaves nothing behind', async () => {
  const port = Number(new URL(run.endpoint).port);
  const second = new Listener();
  const other = await startLocalRun({
    assemblyDir: folder.path('cdk.out'),
    runtimeClient: folder.path('runtime-client.js'),
    port,
    tempDir: folder.path('temp'),
    log: second.log,
  });
  const client = await Client.connect(other.url ?? '', {
    authorization: `Bearer ${await other.issuer?.issueToken({ sub: 'ann' })}`,
  });
  client.send({ action: 'who', id: 'r-5' });
  const { pid } = (await client.next()) as { pid: number };
  const closed = client.closed();

  await other.close();

  expect(Number(new URL(other.endpoint).port)).toBeGreaterThan(port);
  expect(await closed).toBe(1001);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(other.host.environments()).toEqual([]);
  await expect(fetch(other.endpoint)).rejects.toThrow('fetch failed');
  await expect(fetch(other.dynamodb.url)).rejects.toThrow('fetch failed');
  // the remaining folder is that of the first run
  expect(temporaryFolders()).toHaveLength(1);
});

test('a start that fails ends the parts that had started', async () => {
  const table = { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'same', ...TABLE_KEYS } };
  const assemblyDir = writeAssembly({ Twice: { template: { Resources: { One: table, Two: table } } } });
  const before = temporaryFolders();
  const failed = new Listener();

  const start = startLocalRun({ assemblyDir, port: 0, tempDir: folder.path('temp'), log: failed.log });

  await expect(start).rejects.toThrow('same');
  const [, endpoint = ''] = /at (http:\S+)/.exec((await failed.line(/^run: listening/)) ?? '') ?? [];
  await expect(fetch(endpoint)).rejects.toThrow('fetch failed');
  expect(temporaryFolders()).toEqual(before);
  removeAssemblies();
});

const TABLE_KEYS = {
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
};

test(`tokens are for ${AUDIENCE}`, () => {
  const [, claims = ''] = token.split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ iss: ISSUER, aud: AUDIENCE });
});
