import {
  InvokeCommand,
  type InvokeCommandInput,
  type InvokeCommandOutput,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { type ServedService, serveAlone } from '../../../../../local/emulator/http';
import { LAMBDA_LIMITS } from '../../../../../local/emulator/lambda';
import { LambdaApi } from '../../../../../local/emulator/lambda/api';
import {
  type FunctionInvoker,
  type InvokeOptions,
  type InvokeResult,
  type LogEvent,
  ThrottledError,
} from '../../../../../local/emulator/types';

/** Uses the SDK's client with an API whose functions have predefined answers. */
const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:worker';
const log: LogEvent[] = [];
let calls: { kind: 'sync' | 'async'; functionName: string; event: unknown; options: InvokeOptions }[] = [];
let answer: () => InvokeResult;
let server: ServedService;
let client: LambdaClient;

const invoker: FunctionInvoker = {
  invoke: async (functionName, event, options = {}) => {
    calls.push({ kind: 'sync', functionName, event, options });
    return answer();
  },
  invokeAsync: (functionName, event, options = {}) => {
    calls.push({ kind: 'async', functionName, event, options });
  },
};

beforeAll(async () => {
  const versions = new Map([
    ['1', '1'],
    ['live', '1'],
  ]);
  const api = new LambdaApi({
    invoker,
    log: (event) => log.push(event),
    find: (name) => {
      if (name === 'worker') return { functionArn: ARN, versions };
      const problem = 'python3 was not found';
      return name === 'snake' ? { functionArn: ARN.replace('worker', name), versions, problem } : undefined;
    },
  });
  server = await serveAlone(api);
  client = new LambdaClient({
    endpoint: server.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});

beforeEach(() => {
  calls = [];
  answer = () => ({ ok: true, payload: { n: 2 }, durationMs: 1 });
});

afterAll(async () => {
  client.destroy();
  await server.close();
});

const invoke = (input: Partial<InvokeCommandInput> = {}): Promise<InvokeCommandOutput> =>
  client.send(new InvokeCommand({ FunctionName: 'worker', ...input }));

const payloadOf = ({ Payload }: InvokeCommandOutput): unknown =>
  Payload && Payload.length > 0 ? JSON.parse(Payload.transformToString()) : undefined;

test('INVOKE-01 a synchronous call answers with the result, the version and the id that the function saw', async () => {
  const output = await invoke({ Payload: JSON.stringify({ n: 1, text: 'é' }) });

  expect(payloadOf(output)).toEqual({ n: 2 });
  expect(output).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
  expect(output.FunctionError).toBeUndefined();
  expect(calls).toEqual([
    {
      kind: 'sync',
      functionName: 'worker',
      event: { n: 1, text: 'é' },
      options: { invokedArn: ARN, requestId: output.$metadata.requestId },
    },
  ]);
});

test('INVOKE-02 an error that a function throws is a result with FunctionError and its description', async () => {
  const error = { errorType: 'TypeError', errorMessage: 'no', trace: ['TypeError: no'] };
  answer = () => ({ ok: false, kind: 'Handled', error, durationMs: 1 });

  const output = await invoke();

  expect(output).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
  expect(payloadOf(output)).toEqual(error);
});

test('INVOKE-03 an event is accepted with 202 and no body, without waiting for the function', async () => {
  const output = await invoke({ InvocationType: 'Event', Payload: '{"n":3}' });

  expect(output.StatusCode).toBe(202);
  expect(payloadOf(output)).toBeUndefined();
  expect(calls).toMatchObject([{ kind: 'async', event: { n: 3 }, options: { requestId: output.$metadata.requestId } }]);
});

test('INVOKE-04 a dry run calls nothing', async () => {
  expect((await invoke({ InvocationType: 'DryRun' })).StatusCode).toBe(204);
  expect(calls).toEqual([]);
});

test('INVOKE-05 a function without a payload gets an empty object', async () => {
  await invoke();
  expect(calls).toMatchObject([{ event: {} }]);
});

test.each([
  ['its name', 'worker', undefined, ARN, '$LATEST'],
  ['its ARN', ARN, undefined, ARN, '$LATEST'],
  ['a partial ARN', '123456789012:function:worker', undefined, ARN, '$LATEST'],
  ['a name with an alias', 'worker:live', undefined, `${ARN}:live`, '1'],
  ['an ARN with a version', `${ARN}:1`, undefined, `${ARN}:1`, '1'],
  ['a qualifier', 'worker', 'live', `${ARN}:live`, '1'],
  ['both, when they agree', 'worker:live', 'live', `${ARN}:live`, '1'],
  ['$LATEST', 'worker', '$LATEST', `${ARN}:$LATEST`, '$LATEST'],
])('INVOKE-06 a function is found by %s', async (_, FunctionName, Qualifier, invokedArn, version) => {
  const output = await invoke({ FunctionName, Qualifier });

  expect(output.ExecutedVersion).toBe(version);
  expect(calls).toMatchObject([{ functionName: 'worker', options: { invokedArn } }]);
});

test.each([
  ['an unknown name', 'nobody', undefined],
  ['an unknown alias', 'worker', 'dead'],
  ['an unknown version', 'worker:7', undefined],
  ['another account', '999999999999:function:worker', undefined],
  ['another Region', ARN.replace('eu-west-1', 'us-east-1'), undefined],
])('INVOKE-07 %s is ResourceNotFoundException, 404', async (_, FunctionName, Qualifier) => {
  await expect(invoke({ FunctionName, Qualifier })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 404 },
  });
  expect(calls).toEqual([]);
});

test('INVOKE-13 a function without its runtime is InvalidRuntimeException, 502, with the missing runtime', async () => {
  await expect(invoke({ FunctionName: 'snake' })).rejects.toMatchObject({
    name: 'InvalidRuntimeException',
    message: 'python3 was not found',
    $metadata: { httpStatusCode: 502 },
  });
  expect(calls).toEqual([]);
});

test('INVOKE-08 a function at its reserved concurrency is TooManyRequestsException, 429', async () => {
  answer = () => {
    throw new ThrottledError('busy');
  };
  await expect(invoke()).rejects.toMatchObject({
    name: 'TooManyRequestsException',
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    $metadata: { httpStatusCode: 429 },
  });
});

test('INVOKE-09 a payload above the limit is RequestTooLargeException, 413: 6 MB, or 1 MB for an event', async () => {
  const fits = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));
  const tooLarge = { name: 'RequestTooLargeException', $metadata: { httpStatusCode: 413 } };

  expect((await invoke({ Payload: fits(LAMBDA_LIMITS.payloadBytes) })).StatusCode).toBe(200);
  await expect(invoke({ Payload: fits(LAMBDA_LIMITS.payloadBytes + 1) })).rejects.toMatchObject(tooLarge);
  const event = { InvocationType: 'Event' } as const;
  expect((await invoke({ ...event, Payload: fits(LAMBDA_LIMITS.asyncPayloadBytes) })).StatusCode).toBe(202);
  await expect(invoke({ ...event, Payload: fits(LAMBDA_LIMITS.asyncPayloadBytes + 1) })).rejects.toMatchObject(
    tooLarge,
  );
});

test('INVOKE-10 the client context reaches the function; one that is not JSON is refused', async () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  await invoke({ ClientContext: base64('{"custom":{"a":"é"}}') });

  expect(JSON.parse(String(calls[0]?.options.clientContext))).toEqual({ custom: { a: 'é' } });
  expect(calls[0]?.options.clientContext).toMatch(/^[ -~]+$/);
  await expect(invoke({ ClientContext: base64('{') })).rejects.toMatchObject({
    name: 'InvalidRequestContentException',
  });
});

test.each([
  ['a payload that is not JSON', { Payload: '{' }, 'InvalidRequestContentException'],
  ['two qualifiers that differ', { FunctionName: 'worker:1', Qualifier: 'live' }, 'InvalidParameterValueException'],
  ['a string that is not a name', { FunctionName: 'arn:aws:sqs:eu-west-1:123456789012:q' }, 'ValidationException'],
  ['another invocation type', { InvocationType: 'Later' as never }, 'InvalidParameterValueException'],
])('INVOKE-11 %s is refused with 400', async (_, input, name) => {
  await expect(invoke(input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  expect(calls).toEqual([]);
});

test('INVOKE-12 every other operation of Lambda is refused and named', async () => {
  await expect(client.send(new ListFunctionsCommand({}))).rejects.toMatchObject({ name: 'NotImplementedException' });
  expect(log.map(({ message }) => message).join()).toContain('lambda (GET /2015-03-31/functions) is not emulated');
});
