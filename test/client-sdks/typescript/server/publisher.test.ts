import { createStreamerServer } from 'cdk-streamer-client/server';
import { fromQueued, toQueued } from '../../../../lambda-src/flows/topics/queue-message';

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/topics.fifo';

/** Creates a server client with an SQS client that records its calls, or fails. */
function server(failure?: object) {
  const sent: Record<string, string>[] = [];
  const sqs = {
    send: async ({ input }: { input: Record<string, string> }) => {
      if (failure) throw failure;
      sent.push(input);
      return {};
    },
  };
  return { sent, ...createStreamerServer({ publishQueueUrl: QUEUE, sqs, newId: () => 'own-1' }) };
}

test.each([
  ['of the default tenant', {}, { tenant: 'default', id: 'own-1' }],
  ['of a tenant, under an id', { tenant: 'ü#1', id: 'p-1' }, { tenant: 'ü#1', id: 'p-1' }],
])('a message %s is sent to the queue in the form that the router sends and the notifier reads', async (_, options, who) => {
  const { publish, sent } = server();
  const data = { a: [1, null, 'x\uFFFF'], at: new Date(0) };
  await publish('rooms/1', data, options);
  const message = { ...who, topic: 'rooms/1', data: { ...data, at: '1970-01-01T00:00:00.000Z' } };
  const { body, groupId, deduplicationId } = toQueued(message);
  expect(sent).toEqual([
    { QueueUrl: QUEUE, MessageBody: body, MessageGroupId: groupId, MessageDeduplicationId: deduplicationId },
  ]);
  expect(fromQueued(sent[0]?.MessageBody as string)).toEqual(message);
});

test.each([
  ['an invalid topic', 'a b', 1, {}, 'INVALID_MESSAGE'],
  ['invalid data', 't', () => 1, {}, 'INVALID_INPUT'],
  ['an invalid tenant', 't', 1, { tenant: '' }, 'INVALID_MESSAGE'],
  ['an invalid id', 't', 1, { id: '#' }, 'INVALID_MESSAGE'],
  ['too much', 't', 'x'.repeat(33_000), {}, 'MESSAGE_TOO_LARGE'],
])('%s is refused before it is sent', async (_, topic, data, options, code) => {
  const { publish, sent } = server();
  await expect(publish(topic, data, options)).rejects.toMatchObject({ code });
  expect(sent).toEqual([]);
});

test.each([
  [{ name: 'QueueDoesNotExist' }, 'CONNECT_FAILED', false],
  [{ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }, 'FORBIDDEN', false],
  [{ name: 'CredentialsProviderError' }, 'UNAUTHORIZED', false],
  [{ name: 'RequestThrottled', $metadata: { httpStatusCode: 400 } }, 'RATE_LIMITED', true],
  [{ name: 'TimeoutError' }, 'UNAVAILABLE', true],
  [{ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } }, 'UNAVAILABLE', true],
  [{ name: 'InvalidParameterValue', $metadata: { httpStatusCode: 400 } }, 'FORBIDDEN', false],
])("the SDK's error %j becomes %s", async (failure, code, retryable) => {
  await expect(server(failure).publish('t', 1)).rejects.toMatchObject({ code, retryable });
});

test('without a submit function only publishing works, and without a queue only submitting', async () => {
  const publisher = server();
  expect(() => publisher.as({ user: 'ann' })).toThrow(expect.objectContaining({ code: 'CONNECT_FAILED' }));
  const submitter = createStreamerServer({ functionName: 'submit' });
  await expect(submitter.publish('t', 1)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
});
