import { createHash, createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import * as fc from 'fast-check';
import { direct } from '../../../lambda-src/aws/direct/direct-client';
import { DYNAMODB } from '../../../lambda-src/aws/direct/dynamodb';
import { Signer } from '../../../lambda-src/aws/direct/sign';
import { SQS } from '../../../lambda-src/aws/direct/sqs';
import { type Received, TestServer } from '../support/servers';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' };
const ENV = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
};

/** Hash function in the form that the SDK's signer needs. */
class Sha256 {
  private readonly hash;
  public constructor(secret?: unknown) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }
  public update = (data: string | Uint8Array) => void this.hash.update(data);
  public digest = async () => new Uint8Array(this.hash.digest());
  public reset = () => undefined;
}

test('a signature is that of the SDK, whatever the path, the headers and the body are', async () => {
  const path = fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 3 }).map(
    (parts) =>
      `/${parts
        .map((part) => encodeURIComponent(part))
        .filter((part) => !/^\.*$/.test(part))
        .join('/')}`,
  );
  const date = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
  const signer = new Signer(credentials, 'eu-west-1', 'execute-api');
  const sdk = new SignatureV4({ service: 'execute-api', region: 'eu-west-1', credentials, sha256: Sha256 as never });
  await fc.assert(
    fc.asyncProperty(path, fc.string({ unit: 'binary' }), date, async (path, body, now) => {
      const headers = { 'content-type': 'application/x-amz-json-1.0' };
      const mine = signer.sign({ method: 'POST', host: 'h.example:8000', path, headers, body }, now);
      const request = { method: 'POST', protocol: 'https:', hostname: 'h.example', path, query: {}, body };
      const all = { ...headers, host: 'h.example:8000' };
      const theirs = await sdk.sign(
        { ...request, headers: all },
        { signingDate: now, unsignableHeaders: new Set(['x-amz-content-sha256']) },
      );
      const { 'x-amz-content-sha256': _, ...expected } = theirs.headers;
      expect(mine).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

describe('calls without the SDK', () => {
  let server: TestServer;
  let answer: (received: Received, response: ServerResponse, count: number) => void;
  let client: DynamoDBClient;
  let bySdk: number;

  beforeEach(async () => {
    answer = (_, response) => response.end('{}');
    server = new TestServer((...all) => answer(...all));
    const options = { endpoint: await server.listen(), region: 'eu-west-1', credentials };
    const sdk = new DynamoDBClient(options);
    bySdk = 0;
    sdk.middlewareStack.add(
      (next) => (args) => {
        bySdk += 1;
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    client = direct(sdk, DYNAMODB, ENV);
  });
  afterEach(() => server.close());

  const get = () =>
    client.send(new GetItemCommand({ TableName: 't', Key: { k: { S: 'é' } }, ConsistentRead: undefined }));
  const put = () => client.send(new PutItemCommand({ TableName: 't', Item: { k: { S: 'v' } } }));
  /** Sends the first call, which shows the endpoint. */
  const warm = async () => {
    await get();
    server.received.length = bySdk = 0;
  };
  const refuse = (status: number, body: object) => (_: Received, response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));

  test('the first call is sent by the SDK, and the following ones are the same requests without it', async () => {
    answer = (_, response) => response.end('{"Item":{"k":{"S":"é"}}}');
    await get();
    expect(bySdk).toBe(1);
    expect(await get()).toMatchObject({ Item: { k: { S: 'é' } } });

    expect(bySdk).toBe(1);
    const [first, second] = server.received;
    const parts = ({ method, path, body, headers }: Received) => ({
      ...{ method, path, body, host: headers.host, target: headers['x-amz-target'] },
      ...{ type: headers['content-type'], token: headers['x-amz-security-token'] },
    });
    expect(parts(second)).toEqual(parts(first));
  });

  test('a failed condition is the error of the SDK, with the item', async () => {
    await warm();
    answer = refuse(400, {
      __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: { k: { S: 'other' } },
    });
    const error = await put().catch((each) => each);

    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ Item: { k: { S: 'other' } }, $metadata: { httpStatusCode: 400, attempts: 1 } });
    expect([bySdk, server.received.length]).toEqual([0, 1]);
  });

  test('a cancelled transaction has its reasons', async () => {
    await warm();
    const CancellationReasons = [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }];
    answer = refuse(400, { __type: 'x#TransactionCanceledException', Message: 'cancelled', CancellationReasons });
    const error = await client.send(new TransactWriteItemsCommand({ TransactItems: [] })).catch((each) => each);

    expect(error).toBeInstanceOf(TransactionCanceledException);
    expect(error).toMatchObject({ CancellationReasons, message: 'cancelled' });
  });

  test.each([
    ['a throttle', refuse(400, { __type: 'x#ThrottlingException' })],
    ['an expired token', refuse(400, { __type: 'x#ExpiredTokenException' })],
    ['a failure of the service', refuse(503, {})],
    [
      'an answer that is not JSON',
      (_: Received, response: ServerResponse) => void response.writeHead(400).end('<html>'),
    ],
    ['a broken connection', (_: Received, response: ServerResponse) => void response.destroy()],
  ])('after %s, the SDK repeats the call', async (_name, fails) => {
    await warm();
    answer = (received, response, count) => (count === 1 ? fails(received, response) : response.end('{}'));
    await put();

    expect([bySdk, server.received.length]).toEqual([1, 2]);
  });

  test.each([
    ['may have taken effect, the repetition cannot be the only attempt', 500, 2],
    ['certainly had no effect, the repetition counts as the only attempt', 400, 1],
  ])('if a call %s', async (_name, status, attempts) => {
    await warm();
    const refusal = refuse(400, { __type: 'x#AccessDeniedException' });
    answer = (received, response, count) =>
      count === 1 ? refuse(status, { __type: 'x#Other' })(received, response) : refusal(received, response);

    await expect(put()).rejects.toMatchObject({ $metadata: { httpStatusCode: 400, attempts } });
  });

  test('a call that gets no answer in time is left to the SDK', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
    try {
      await warm();
      const open: ServerResponse[] = [];
      answer = (_, response, count) => (count === 1 ? void open.push(response) : response.end('{}'));
      const done = put();
      while (open.length === 0) await new Promise((resolve) => setImmediate(resolve));
      jest.advanceTimersByTime(3_000);
      await done;
      expect(bySdk).toBe(1);
    } finally {
      jest.useRealTimers();
    }
  });

  test('other commands are sent by the SDK', async () => {
    await warm();
    await client.send(new DescribeTableCommand({ TableName: 't' }));

    expect(bySdk).toBe(1);
  });

  test('without credentials in the environment, the SDK sends all calls', () => {
    const sdk = new DynamoDBClient({ region: 'eu-west-1' });

    expect(direct(sdk, DYNAMODB, { AWS_REGION: 'eu-west-1' })).toBe(sdk);
  });

  test('the trace continues, because Lambda detects loops by it', async () => {
    const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793';
    client = direct(new DynamoDBClient(await configOf()), DYNAMODB, { ...ENV, _X_AMZN_TRACE_ID: trace });
    for (let n = 0; n < 2; n++) await get();

    expect(server.received.at(-1)?.headers['x-amzn-trace-id']).toBe(trace);
  });

  const configOf = async () => {
    const { hostname, port = 0 } = (await client.config.endpoint?.()) ?? { hostname: '' };
    return { endpoint: `http://${hostname}:${port}`, region: 'eu-west-1', credentials };
  };

  test('each queue has its own endpoint', async () => {
    const { endpoint } = await configOf();
    const sqs = direct(
      new SQSClient({ endpoint, region: 'eu-west-1', credentials, useQueueUrlAsEndpoint: false }),
      SQS,
      ENV,
    );
    const hide = (queue: string) =>
      sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queue, ReceiptHandle: 'r', VisibilityTimeout: 14 }));
    for (const queue of [`${endpoint}/1/a`, `${endpoint}/1/a`, `${endpoint}/1/b`]) await hide(queue);

    expect(server.received.map(({ headers }) => headers['x-amz-target'])).toEqual(
      Array(3).fill('AmazonSQS.ChangeMessageVisibility'),
    );
    expect(server.received.map(({ headers }) => String(headers['user-agent']).includes('aws-sdk-js'))).toEqual([
      true,
      false,
      true,
    ]);
  });
});
