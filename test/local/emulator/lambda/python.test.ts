import { type FunctionSpec, findPython } from '../../../../local/emulator/lambda';
import { ended } from '../../../support/processes';
import { failureOf, LambdaBench, payloadOf } from './support';

const RUNTIME = 'python3.12';
const python = findPython(RUNTIME);
const bench = new LambdaBench();
afterEach(() => bench.clear());
afterAll(() => bench.remove());

const spec = (source: string, overrides: Partial<FunctionSpec> = {}) =>
  bench.spec('', { runtime: RUNTIME, codeDir: bench.code({ 'index.py': source }), ...overrides });

function hostOf(source: string, overrides: Partial<FunctionSpec> = {}) {
  const host = bench.host();
  host.register(spec(source, overrides));
  return host;
}

const withPython = python ? describe : describe.skip;
withPython('a Python function', () => {
  test('a Python function gets the event and the context, and returns JSON', async () => {
    const host = hostOf(
      `import os
def handler(event, context):
    return {
        "sum": event["a"] + event["b"],
        "name": context.function_name,
        "request": context.aws_request_id,
        "time": 0 < context.get_remaining_time_in_millis() <= 5000,
        "memory": context.memory_limit_in_mb,
        "region": os.environ["AWS_REGION"],
    }
`,
      { timeoutMs: 5000 },
    );
    const result = await host.invoke('worker', { a: 2, b: 'ß'.length }, { requestId: 'r-1' });
    expect(payloadOf(result)).toEqual({
      sum: 3,
      name: 'worker',
      request: 'r-1',
      time: true,
      memory: '128',
      region: 'eu-west-1',
    });
  });

  test('a Python function serves several events in one process, and its output and log lines are reported', async () => {
    const host = hostOf(`import logging
count = 0
def handler(event, context):
    global count
    count += 1
    print("printed", count)
    logging.getLogger().warning("logged %d", count)
    return count
`);
    expect(payloadOf(await host.invoke('worker', {}))).toBe(1);
    expect(payloadOf(await host.invoke('worker', {}))).toBe(2);
    await bench.line('printed 2');
    await bench.line('[WARNING] logged 2');
  });

  test.each([
    ['raises', 'def handler(event, context):\n    raise KeyError("month")\n', 'KeyError', "'month'"],
    [
      'returns what is not JSON',
      'def handler(event, context):\n    return object()\n',
      'Runtime.MarshalError',
      'Unable',
    ],
    ['imports what is not there', 'import pandas_of_nowhere\n', 'Runtime.ImportModuleError', 'pandas_of_nowhere'],
    ['has no such handler', 'def other(event, context):\n    pass\n', 'Runtime.HandlerNotFound', "'handler' missing"],
    ['is not Python', 'def handler(:\n', 'Runtime.UserCodeSyntaxError', 'Syntax error'],
    ['exits', 'import os\ndef handler(event, context):\n    os._exit(3)\n', 'Runtime.ExitError', 'exit status 3'],
  ])('a module that %s fails with an error of that reason', async (_, source, errorType, message) => {
    const { error } = failureOf(await hostOf(source).invoke('worker', {}));
    expect(error).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
  });

  test('a Python function is ended at its time limit, and serves the next event in a new process', async () => {
    const source = 'import time\ndef handler(event, context):\n    time.sleep(event["s"])\n    return "done"\n';
    const host = hostOf(source, { timeoutMs: 1500 });
    expect(failureOf(await host.invoke('worker', { s: 60 })).error.errorType).toBe('Sandbox.Timedout');
    expect(payloadOf(await host.invoke('worker', { s: 0 }))).toBe('done');
  });

  test('a Python function ends with its host', async () => {
    const host = hostOf('def handler(event, context):\n    return 1\n');
    await host.invoke('worker', {});
    const [{ pid }] = host.environments('worker');
    await host.close();
    await ended(pid);
  });
});

test('without Python, the missing command is named, and the function cannot be registered', () => {
  const host = bench.host({ pythonFor: () => undefined });
  expect(host.problemOf(RUNTIME)).toMatch(/python3\.12 needs Python.*Install Python 3/);
  expect(() => host.register(spec(''))).toThrow(/needs Python/);
  expect(host.problemOf('java21')).toBe('java21 is not run locally, only Node.js and Python are');
});

test('another version of Python is reported once', () => {
  const host = bench.host({ pythonFor: () => ({ path: 'python3', version: '3.9' }) });
  for (let n = 0; n < 2; n++) expect(host.problemOf('python3.13')).toBeUndefined();
  const told = bench.logs.filter(({ message }) => message.includes('run on Python 3.9'));
  expect(told).toHaveLength(1);
});
