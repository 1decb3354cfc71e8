import fc from 'fast-check';
import { describeOutput } from '../../../../local/run/log/function-output';
import { OutputGroups } from '../../../../local/run/log/output-groups';
import { formatLabel, labelOfEvent } from '../../../../local/run/log/request-label';

const STACKS = { cwd: '/app' };

function describe1(lines: readonly [string, ...string[]], payload?: object) {
  const origin = { stream: '1/stderr', payload: payload && JSON.stringify(payload) };
  return describeOutput({ functionName: 'f', origin, lines }, STACKS);
}

describe('a password in the text of an error is removed', () => {
  const url = 'connect postgres://app:hunter2@db failed';
  const hidden = 'connect postgres://app:[redacted]@db failed';
  const error = {
    name: 'Error',
    message: url,
    stack: `Error: ${url}\n    at a (/app/a.js:1:2)`,
    cause: { name: 'E', message: url },
  };
  test.each<[string, readonly [string, ...string[]], object]>([
    [
      'that a handler threw, and in its cause',
      [JSON.stringify({ level: 'ERROR', message: 'the handler failed', error })],
      {
        message: `the handler failed (Error: ${hidden})`,
        below: ['at a (a.js:1:2)', `caused by E: ${hidden}`],
        thrown: { title: `Error: ${hidden}`, place: 'a (a.js:1:2)' },
      },
    ],
    [
      "in Lambda's own report",
      [JSON.stringify({ errorType: 'Error', errorMessage: url, stackTrace: [] })],
      { message: `Error: ${hidden}` },
    ],
    [
      'that was printed with its stack and its cause',
      [`Error: ${url}`, '    at a (/app/a.js:1:2)', `  [cause]: Error: ${url}`, '    at b (/app/b.js:1:2)'],
      { message: `Error: ${hidden}`, below: ['at a (a.js:1:2)', `[cause]: Error: ${hidden}`, 'at b (b.js:1:2)'] },
    ],
  ])('%s', (_where, lines, expected) => {
    const [event] = describe1(lines);
    expect(event).toMatchObject(expected);
    expect(JSON.stringify(event)).not.toContain('hunter2');
  });
});

test('a line that a handler prints itself keeps the words that the handler chose', () => {
  expect(describe1(['password: none given'])).toMatchObject([{ message: 'password: none given' }]);
  expect(describe1(['{"level":"INFO","message":"password: none given"}'])).toMatchObject([
    { message: 'password: none given' },
  ]);
});

test('an authorizer that refuses a connection is one line without its stack', () => {
  const lines = ['Error: Unauthorized', '    at handler (file:///var/task/index.mjs:1:2345)'] as const;

  expect(describe1(lines as never)).toEqual([
    { source: 'f', level: 'info', message: 'refuses the connection: 401 Unauthorized' },
  ]);
});

describe('a line', () => {
  test.each([
    ['plain text', 'started\n', { level: 'info', message: 'started' }],
    [
      "Powertools' logger",
      '{"level":"INFO","message":"claimed","service":"s","timestamp":"t","size":"r1","retries":1,"nested":{"a":1}}',
      { level: 'info', message: 'claimed size=r1 retries=1' },
    ],
    [
      'a warning with an error',
      '{"level":"WARN","message":"lost","error":{"name":"TypeError","message":"no","stack":"TypeError: no\\n    at x (/app/a.js:1:2)"}}',
      {
        level: 'warn',
        message: 'lost (TypeError: no)',
        below: ['at x (a.js:1:2)'],
        thrown: { title: 'TypeError: no', place: 'x (a.js:1:2)' },
      },
    ],
    [
      "Lambda's own report of an error",
      '{"errorType":"Error","errorMessage":"broken","stackTrace":["Error: broken","    at /app/b.js:3:4"]}',
      { level: 'error', message: 'Error: broken', below: ['at b.js:3:4'] },
    ],
    [
      'an error with its cause',
      '{"level":"ERROR","message":"m","error":{"name":"E","message":"1","stack":"E: 1\\n    at a (/app/a.js:1:2)","cause":{"name":"F","message":"2","stack":"F: 2\\n    at b (/app/b.js:1:2)"}}}',
      {
        level: 'error',
        message: 'm (E: 1)',
        below: ['at a (a.js:1:2)', 'caused by F: 2', 'at b (b.js:1:2)'],
        thrown: { title: 'E: 1', place: 'a (a.js:1:2)' },
      },
    ],
    [
      'a thrown value that is not an Error',
      '{"level":"ERROR","message":"the handler failed","error":{"message":"\'no such name\'"}}',
      { level: 'error', message: "the handler failed ('no such name')", thrown: { title: "'no such name'" } },
    ],
    [
      'a handler line with a string as its error',
      '{"level":"WARN","message":"retrying","error":"no answer","errorCount":2}',
      { level: 'warn', message: 'retrying (no answer)', thrown: { title: 'no answer' } },
    ],
    [
      'a handler line with an object as its error',
      '{"level":"WARN","message":"retrying","error":{"status":503}}',
      { level: 'warn', message: 'retrying ({"status":503})', thrown: { title: '{"status":503}' } },
    ],
    [
      'an error whose cause is a string',
      '{"level":"ERROR","message":"m","error":{"name":"E","message":"1","stack":"E: 1\\n    at a (/app/a.js:1:2)","cause":"disk full"}}',
      {
        level: 'error',
        message: 'm (E: 1)',
        below: ['at a (a.js:1:2)', 'caused by disk full'],
        thrown: { title: 'E: 1', place: 'a (a.js:1:2)' },
      },
    ],
    [
      'an error with a code of the protocol',
      '{"level":"ERROR","message":"a message failed","error":{"name":"StreamerError","message":"It could not be loaded.","code":"HANDLER_NOT_LOADED"}}',
      {
        level: 'error',
        message: 'a message failed (HANDLER_NOT_LOADED: It could not be loaded.)',
        thrown: { title: 'HANDLER_NOT_LOADED: It could not be loaded.' },
      },
    ],
    ['JSON that is not a log record', '{"a":1}', { level: 'info', message: '{"a":1}' }],
    ['broken JSON', '{"message":', { level: 'info', message: '{"message":' }],
  ])('%s becomes one event', (_name, line, expected) => {
    expect(describe1([line])).toEqual([{ source: 'f', ...expected }]);
  });

  test.each(['', '  \n', '{"_aws":{"Timestamp":1},"Latency":3}'])('the line %j is left out', (line) => {
    expect(describe1([line])).toEqual([]);
  });

  test.each([
    [{ service: 'report', action: 'report', id: 'r-1', attempt: 1 }, '[r-1] begins'],
    [{ service: 'report', action: 'report', id: 'r-1', attempt: 2 }, '[r-1 attempt 2] begins'],
    [{ service: 'router', action: 'echo', id: 'r-1', attempt: 1 }, '[echo r-1] begins'],
    [{ service: 'report', requestKey: 't#ann#6f1c22aa-0d6c-4f3e-8b0a-1f2e3d4c5b6a' }, '[6f1c22aa…] begins'],
  ])('%j is written before the message', (fields, expected) => {
    expect(describe1([JSON.stringify({ message: 'begins', ...fields })])).toMatchObject([{ message: expected }]);
  });

  test('a line names its request, and the position of an error in the sources of the user', () => {
    const stack = 'E: 1\n    at lib (/app/node_modules/lib/x.js:9:9)\n    at run (/app/handlers/a.js:1:2)';
    const record = {
      level: 'ERROR',
      message: 'm',
      action: 'echo',
      id: 'r-1',
      attempt: 2,
      error: { name: 'E', message: '1', stack },
    };

    expect(describe1([JSON.stringify(record)])).toMatchObject([
      {
        subject: { id: 'r-1', action: 'echo', attempt: 2 },
        thrown: { title: 'E: 1', place: 'run (handlers/a.js:1:2)' },
      },
    ]);
  });

  test('a line of plain text belongs to the request of the current event', () => {
    const body = JSON.stringify({ requestKey: 't#ann#r-1' });
    expect(describe1(['hello'], { Records: [{ body }] })).toMatchObject([{ message: '[r-1] hello' }]);
  });
});

describe('several lines', () => {
  test('an error that was printed becomes one event with its positions', () => {
    const lines = [
      'TypeError: no',
      '    at first (/app/a.js:1:2)',
      '    at node:internal/process/task_queues:95:5 {',
      "  code: 'X',",
      '  [cause]: Error: why',
      '      at second (/app/b.js:3:4)',
      '}',
    ] as const;
    expect(describe1([...lines])).toEqual([
      {
        source: 'f',
        level: 'error',
        message: 'TypeError: no',
        below: ['at first (a.js:1:2)', "code: 'X',", '[cause]: Error: why', 'at second (b.js:3:4)'],
      },
    ]);
  });

  test('indented text without a stack stays lines', () => {
    expect(describe1(['{', '  a: 1', '}']).map(({ message }) => message)).toEqual(['{', '  a: 1', '}']);
  });
});

describe('grouping', () => {
  const groups = () => {
    const seen: string[][] = [];
    const deferred: (() => void)[] = [];
    const output = new OutputGroups(
      ({ lines }) => seen.push([...lines]),
      (callback) => deferred.push(callback),
    );
    const flush = () => {
      for (const callback of deferred.splice(0)) callback();
    };
    return { seen, output, flush };
  };

  test('indented lines belong to the line before them in their stream', () => {
    const { seen, output, flush } = groups();
    output.add('f', 'Error: a', { stream: '1' });
    output.add('f', 'Error: b', { stream: '2' });
    output.add('f', '    at a (/a.js:1:2)', { stream: '1' });
    output.add('f', '    at b (/b.js:1:2)', { stream: '2' });
    output.add('f', 'next', { stream: '1' });
    flush();

    expect(seen).toEqual([['Error: a', '    at a (/a.js:1:2)'], ['Error: b', '    at b (/b.js:1:2)'], ['next']]);
  });

  test('a line is emitted as soon as all lines of the same read are there', () => {
    const { seen, output, flush } = groups();
    output.add('f', 'one', { stream: '1' });
    flush();
    output.add('f', '  two', { stream: '1' });
    flush();
    flush();

    expect(seen).toEqual([['one'], ['  two']]);
  });
});

describe('the request of an event', () => {
  test.each([
    [{ body: '{"type":"request","action":"echo","id":"r-1","input":{"id":"secret"}}' }, 'echo r-1'],
    [{ Records: [{ body: '{"requestKey":"t#u#r-2"}' }] }, 'r-2'],
    [{ Records: [{ body: '{"requestKey":"t#u#r-2"}' }, { body: '{"requestKey":"t#u#r-3"}' }] }, ''],
    [{ action: 'sum', input: 1, request: { id: 'r-4', attempt: 3 } }, 'sum r-4 attempt 3'],
    [{ Records: [{ dynamodb: {} }] }, ''],
    [{ body: 'not json' }, ''],
    ['text', ''],
    [null, ''],
  ])('the label of %j is %j', (event, expected) => {
    expect(formatLabel(labelOfEvent(JSON.stringify(event)))).toBe(expected);
  });

  test('no long id gets into the log', () => {
    const label = labelOfEvent(JSON.stringify({ id: 'x'.repeat(500), action: 'y'.repeat(500) }));
    expect(formatLabel(label).length).toBeLessThan(100);
  });
});

describe('unexpected output', () => {
  const deep = `${'['.repeat(12_000)}${']'.repeat(12_000)}`;

  test.each([
    ['a level with a field toString', JSON.stringify({ message: 'x', level: { toString: 1 } }), 'x'],
    ['an error type with a field toString', '{"message":"x","errorType":{"toString":1}}', '{"toString":1}: x'],
    ['an error message that is an object', '{"errorMessage":{"toString":1,"valueOf":2}}', '{"toString":1,"valueOf":2}'],
    ['an error whose message is an object', '{"message":"x","error":{"message":{"toString":1}}}', 'x ({"toString":1})'],
    ['a stack that is an object', '{"message":"x","error":{"message":"m","stack":[{"toString":1}]}}', 'x (m)'],
    ['a message that is nested deeply', `{"message":${deep}}`, '[a value that cannot be shown]'],
  ])('%s becomes an event', (_name, line, message) => {
    expect(describe1([line])).toMatchObject([{ message }]);
  });

  test.each(['file://h/x', 'file:///a%2Fb', 'file:///%zz'])('a frame of %s is left out', (file) => {
    expect(describe1(['x', `    at f (${file}:1:1)`])).toMatchObject([{ level: 'error', message: 'x', below: [] }]);
  });

  test('output that fails while it is formatted stays unchanged', () => {
    const stacks = {
      get cwd(): string {
        throw new Error('no');
      },
    };
    const lines: [string, ...string[]] = ['x', '    at f (/a.js:1:1)'];
    const group = {
      functionName: 'f',
      origin: { stream: '1/stderr', payload: undefined },
      lines,
    };
    expect(describeOutput(group, stacks).map(({ message }) => message)).toEqual(lines);
  });

  test('no output of a function causes an exception', () => {
    const key = fc.constantFrom(
      'message',
      'errorMessage',
      'errorType',
      'error',
      'level',
      'stack',
      'stackTrace',
      'name',
    );
    const odd = fc.constantFrom('toString', 'valueOf', 'toJSON', '__proto__', 'cause', 'id', 'attempt', 'requestKey');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.constant(null),
        tie('object'),
        fc.array(tie('value')),
      ),
      object: fc.dictionary(fc.oneof(key, odd), tie('value')),
    }));
    const frame = fc
      .tuple(
        fc.string(),
        fc.constantFrom('/a', 'file://h/x', 'file:///%2F', 'C:\\x', ''),
        fc.string(),
        fc.nat(),
        fc.nat(),
      )
      .map(([call, root, file, row, column]) => `    at ${call} (${root}${file}:${row}:${column})`);
    const record = fc
      .tuple(fc.dictionary(fc.oneof(key, odd), value), value)
      .map(([rest, message]) => JSON.stringify({ ...rest, message }));
    const line = fc.oneof(fc.string({ unit: 'binary' }), record, frame);
    fc.assert(
      fc.property(line, fc.array(line, { maxLength: 4 }), (first, rest) => {
        for (const { message, below = [] } of describe1([first, ...rest]))
          for (const text of [message, ...below]) expect(typeof text).toBe('string');
      }),
    );
  });
});
