import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { REQUEST_HANDLER } from '../../../lambda-src/runtime/config';
import { TestServer } from '../support/servers';

test('a call without an answer is abandoned long before a function ends', async () => {
  const server = new TestServer(() => undefined);
  const client = new DynamoDBClient({
    endpoint: await server.listen(),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: REQUEST_HANDLER,
    maxAttempts: 1,
  });
  try {
    const call = client.send(new GetItemCommand({ TableName: 't', Key: { k: { S: 'v' } } }));

    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(server.received).toHaveLength(1);
  } finally {
    client.destroy();
    await server.close();
  }
});

test('all repetitions of a call fit into the shortest lease', () => {
  const { connectionTimeout, requestTimeout } = REQUEST_HANDLER;

  expect(3 * (connectionTimeout + requestTimeout)).toBeLessThan(30_000);
});
