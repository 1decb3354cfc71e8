import { mkdirSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, Server } from 'node:net';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Credentials, type Door, signedHeaders } from '../../../local/emulator/http';
import { NodeHash } from '../../../local/emulator/http/canonical-request';
import { type LocalRun, startLocalRun } from '../../../local/run';
import { synthFixture } from './fixture/app';
import { Listener, TestFolder } from './support';

/**
 * Each entry point of a run is tested as a web page, a program without credentials and a program with credentials would
 * use it.
 */
const folder = new TestFolder();
const listening = new Set<Server>();
let run: LocalRun;
let doors: Door[];

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36';

beforeAll(async () => {
  watchServers();
  mkdirSync(folder.path('temp'));
  mkdirSync(folder.path('pages'));
  writeFileSync(folder.path('pages', 'index.html'), '<h1>page</h1>');
  run = await startLocalRun({
    assemblyDir: synthFixture(folder.path('cdk.out')),
    runtimeClient: folder.runtimeClient(),
    port: 0,
    tempDir: folder.path('temp'),
    log: new Listener().log,
    pages: { dir: folder.path('pages') },
  });
  // a function's Runtime API listens while its process runs
  await run.invoke('Fixture/Router', { requestContext: { eventType: 'CONNECT' } });
  doors = run.doors();
});

afterAll(async () => {
  await run.close();
  folder.remove();
  jest.restoreAllMocks();
});

/** Records all servers of this process that listen from now on, from any module. */
function watchServers(): void {
  const { listen } = Server.prototype;
  jest.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args: unknown[]) {
    listening.add(this);
    return listen.apply(this, args as never);
  } as never);
}

type Headers = Record<string, string>;

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Headers;
  readonly body?: string;
}

/** Resolves with the status of the response. */
function ask({ origin }: Door, { method = 'GET', path = '/', headers = {}, body }: Ask): Promise<number> {
  const { protocol, hostname, port } = new URL(origin);
  const send = protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path, headers, agent: false, rejectUnauthorized: false };
    const req = send(options, (res) => {
      res.destroy();
      resolve(res.statusCode ?? 0);
    });
    req.on('upgrade', (_res, socket) => {
      socket.destroy();
      resolve(101);
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** Returns a path of the entry point that answers correct requests. */
function pathBehind({ path, name, service }: Door): string {
  if (service === 's3') return `${path}/${run.physicalName('Fixture/Bucket')}?list-type=2`;
  if (path.endsWith('@connections')) return `${path}/nobody`;
  if (service === 'lambda') return `${path}/2015-03-31/functions/nobody/invocations`;
  if (name === 'issuer') return '/.well-known/jwks.json';
  return path === '' ? '/' : path;
}

const METHODS: Readonly<Record<string, string>> = { s3: 'GET', 'execute-api': 'GET' };
const methodOf = ({ service }: Door): string => (service === undefined ? 'GET' : (METHODS[service] ?? 'POST'));

/** Headers of calls that succeed, so that a failure can only be a refusal. */
const TARGETS: Readonly<Record<string, Headers>> = {
  dynamodb: { 'x-amz-target': 'DynamoDB_20120810.ListTables', 'content-type': 'application/x-amz-json-1.0' },
  sqs: { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' },
};
const targetOf = ({ service = '' }: Door): Headers => TARGETS[service] ?? {};
const bodyOf = (door: Door) => (door.service !== undefined && door.service in TARGETS ? '{}' : undefined);

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

function knock(door: Door, headers: Headers, more: Ask = {}): Promise<number> {
  const upgrade = door.kind === 'upgrade' ? UPGRADE : {};
  const request = { method: methodOf(door), path: pathBehind(door), body: bodyOf(door), ...more };
  return ask(door, { ...request, headers: { ...targetOf(door), ...upgrade, ...headers } });
}

async function knockSigned(door: Door, credentials: Credentials, service = String(door.service)): Promise<number> {
  const [method, path, body] = [methodOf(door), pathBehind(door), bodyOf(door)];
  const request = { url: `${door.origin}${path}`, service, method, body, headers: targetOf(door) };
  return ask(door, { method, path, body, headers: await signedHeaders(credentials, request) });
}

/** Sends a presigned URL. It was signed some time ago and is valid for one minute. */
async function knockPresigned(door: Door, secondsAgo: number): Promise<number> {
  const [method, service] = [methodOf(door), String(door.service)];
  const { hostname, host, pathname: path, searchParams } = new URL(`${door.origin}${pathBehind(door)}`);
  const signer = new SignatureV4({
    service,
    region: 'us-east-1',
    credentials: run.credentials,
    sha256: NodeHash,
    uriEscapePath: service !== 's3',
  });
  const headers = { host, ...(service === 's3' && { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }) };
  const request = { method, protocol: 'http:', hostname, path, query: Object.fromEntries(searchParams), headers };
  const signingDate = new Date(Date.now() - secondsAgo * 1000);
  const { query = {} } = await signer.presign(request, { expiresIn: 60, signingDate });
  const parameters = new URLSearchParams(query as Record<string, string>).toString().replaceAll('+', '%20');
  return ask(door, { method, path: `${path}?${parameters}`, headers: {} });
}

/** Statuses of refusals. DynamoDB's status is 400, as on AWS. */
const REFUSED = [400, 403];
const isRefused = (status: number) => REFUSED.includes(status);
const signed = () => doors.filter(({ service }) => service !== undefined);

test('the run reports every port on which it listens', () => {
  const ports = [...listening]
    .filter((server) => server.listening)
    .map((server) => (server.address() as AddressInfo).port);
  const known = new Set(doors.map(({ origin }) => Number(new URL(origin).port)));
  expect([...known].sort()).toEqual([...new Set(ports)].sort());
});

test('each entry point has the intended rule', () => {
  const rules = doors.map(({ name, kind, access, service }) =>
    [name.replace(/ of .*/, ''), kind, access, service ?? '-'].join(' '),
  );
  expect(rules.sort()).toEqual(
    [
      ' request own-pages -',
      '/_aws/dynamodb request programs dynamodb',
      '/_aws/events request programs events',
      '/_aws/lambda request programs lambda',
      '/_aws/other request programs -',
      '/_aws/outputs request own-pages -',
      '/_aws/run request own-pages -',
      '/_aws/s3 request any-page s3',
      '/_aws/schedules request programs -',
      '/_aws/secrets request programs secretsmanager',
      '/_aws/sqs request programs sqs',
      '/_aws/token request loopback-pages -',
      '/_console request own-pages -',
      '/v1 upgrade any-page -',
      '/v1/@connections request programs execute-api',
      'issuer request own-pages -',
      'runtime API request programs -',
    ].sort(),
  );
});

test.each([
  ['/_aws/run', ['GET', 'HEAD'], ['POST', 'PUT', 'DELETE']],
  ['/_aws/outputs', ['GET', 'HEAD'], ['POST', 'PUT', 'DELETE']],
  ['/_aws/schedules', ['GET'], ['PUT', 'DELETE', 'HEAD']],
  ['/_aws/token', [], ['GET', 'PUT', 'DELETE']],
])('%s accepts only its own methods', async (path, accepted, refused) => {
  const status = async (method: string) => (await fetch(`${run.endpoint}${path}`, { method })).status;
  expect(await Promise.all(accepted.map(status))).toEqual(accepted.map(() => 200));
  expect(await Promise.all(refused.map(status))).toEqual(refused.map(() => 405));
});

test.each([
  ['a name that a page has pointed at this machine', () => ({ host: 'evil.example' })],
  ['such a name with the port', ({ origin }: Door) => ({ host: `evil.example:${new URL(origin).port}` })],
  ['a name that begins like a loopback one', () => ({ host: '127.0.0.1.evil.example' })],
])('%s is refused everywhere', async (_name, headers: (door: Door) => Headers) => {
  for (const door of doors) {
    const page = { ...headers(door), 'user-agent': BROWSER, 'sec-fetch-site': 'same-origin' };
    expect([door.name, await knock(door, page)]).toEqual([door.name, 403]);
    expect([door.name, await knock(door, headers(door))]).toEqual([door.name, 403]);
  }
});

const FOREIGN = { 'user-agent': BROWSER, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
const PAGES: [string, Headers, Ask][] = [
  ['fetch with CORS', FOREIGN, {}],
  ['a simple request', { ...FOREIGN, 'content-type': 'text/plain' }, { method: 'POST', body: '{}' }],
  [
    'a form',
    { ...FOREIGN, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    { method: 'POST', body: 'a=1' },
  ],
  [
    'an image',
    { 'user-agent': BROWSER, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    {},
  ],
  [
    'a page of the same site',
    { 'user-agent': BROWSER, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
    {},
  ],
  [
    'a frame',
    { 'user-agent': BROWSER, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    {},
  ],
  ['a sandboxed page', { ...FOREIGN, origin: 'null' }, { method: 'POST', body: '{}' }],
  ['a preflight', { ...FOREIGN, 'access-control-request-method': 'POST' }, { method: 'OPTIONS' }],
];

test.each(
  PAGES,
)('%s of a foreign page is refused at every entry point except the WebSocket', async (_name, headers, more) => {
  for (const door of doors.filter(({ kind }) => kind === 'request')) {
    expect([door.name, await knock(door, headers, more)]).toEqual([door.name, 403]);
  }
});

test("a foreign page's WebSocket is checked by the authorizer, as on AWS", async () => {
  const [door] = doors.filter(({ kind }) => kind === 'upgrade');
  expect(await knock(door as Door, FOREIGN)).toBe(401);
});

test('a program without credentials, or with made-up ones, is refused by each service', async () => {
  expect(signed()).toHaveLength(7);
  for (const door of signed()) {
    const known = { ...run.credentials, secretAccessKey: 'a guess' };
    const unknown = { accessKeyId: 'test', secretAccessKey: 'test' };
    const madeUp = `AWS4-HMAC-SHA256 Credential=${run.credentials.accessKeyId}/20260101/us-east-1/${door.service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    const statuses = [
      await knock(door, {}),
      await knock(door, { authorization: 'AWS4-HMAC-SHA256 x' }),
      await knock(door, { authorization: madeUp, 'x-amz-date': '20260101T000000Z' }),
      await knockSigned(door, known),
      await knockSigned(door, unknown),
      await knockSigned(door, run.credentials, door.service === 's3' ? 'sqs' : 's3'),
    ];
    expect([door.name, statuses.map(isRefused)]).toEqual([door.name, statuses.map(() => true)]);
  }
});

test('a presigned URL is refused when it has expired', async () => {
  for (const door of signed()) {
    expect([door.name, isRefused(await knockPresigned(door, 61))]).toEqual([door.name, true]);
  }
});

/** Status of each answer to an accepted request. None of them is that of a refused signature. */
const ANSWERS: Readonly<Record<string, number>> = {
  '/_aws/dynamodb': 200,
  '/_aws/events': 501,
  '/_aws/lambda': 404,
  '/_aws/s3': 200,
  '/_aws/secrets': 501,
  '/_aws/sqs': 200,
  '/v1/@connections': 410,
};

test('every service accepts the credentials of the run and of each function, in a header and in a presigned URL', async () => {
  for (const door of signed()) {
    const worker = run.host.credentialsOf(run.physicalName('Fixture/Worker'));
    const answers = [await knockSigned(door, run.credentials), await knockSigned(door, worker)];
    expect([door.name, answers]).toEqual([door.name, [ANSWERS[door.name], ANSWERS[door.name]]]);
  }
  const [storage] = signed().filter(({ service }) => service === 's3');
  expect(await knockPresigned(storage as Door, 0)).toBe(200);
});

test('programs and the own page of the run are accepted where no signature is required', async () => {
  for (const door of doors.filter(({ service, kind }) => service === undefined && kind === 'request')) {
    expect([door.name, isRefused(await knock(door, {}))]).toEqual([door.name, false]);
    const page = { 'user-agent': BROWSER, origin: door.origin, 'sec-fetch-site': 'same-origin' };
    const isPage = door.access !== 'programs';
    expect([door.name, isRefused(await knock(door, page))]).toEqual([door.name, !isPage]);
  }
});
