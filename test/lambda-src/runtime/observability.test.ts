import { createLogger, createMetrics, logWith } from '../../../lambda-src/runtime/observability';
import { METRICS } from '../../../src/contract';

/** Returns the lines that are written to standard output, where functions log. */
function linesOf(run: () => void): Record<string, unknown>[] {
  const write = jest.spyOn(console, 'info').mockImplementation(() => undefined);
  const others = (['log', 'warn', 'error', 'debug'] as const).map((name) =>
    jest.spyOn(console, name).mockImplementation(() => undefined),
  );
  try {
    run();
    return [write, ...others].flatMap(({ mock }) => mock.calls.map(([line]) => JSON.parse(String(line))));
  } finally {
    for (const spy of [write, ...others]) spy.mockRestore();
  }
}

beforeEach(() => {
  process.env.POWERTOOLS_DEV = 'true';
  process.env.POWERTOOLS_LOG_LEVEL = 'DEBUG';
  process.env.POWERTOOLS_METRICS_DISABLED = 'false';
});
afterEach(() => {
  delete process.env.POWERTOOLS_DEV;
  delete process.env.POWERTOOLS_LOG_LEVEL;
  delete process.env.POWERTOOLS_METRICS_DISABLED;
});

test('a line has its service, the fields of its logger and its own', () => {
  const lines = linesOf(() => {
    const log = logWith(createLogger('report'), { requestKey: 'k' });
    log.debug('one');
    log.info('two', { rows: 2 });
    log.warn('three', { requestKey: 'other' });
    log.error('four', { error: new Error('why') });
  });

  const byMessage = Object.fromEntries(lines.map((line) => [line.message, line]));
  expect(byMessage.one).toMatchObject({ level: 'DEBUG', service: 'report', requestKey: 'k' });
  expect(byMessage.two).toMatchObject({ level: 'INFO', requestKey: 'k', rows: 2 });
  expect(byMessage.three).toMatchObject({ level: 'WARN', requestKey: 'other' });
  expect(byMessage.four).toMatchObject({ level: 'ERROR', error: { name: 'Error', message: 'why' } });
});

describe('logging never throws', () => {
  const cyclic = new Error('x');
  cyclic.cause = cyclic;
  const boom = () => {
    throw new Error('boom');
  };

  test.each([
    ['a cycle of causes', 'why', { error: cyclic }],
    ['a field whose getter throws', 'why', Object.defineProperty({}, 'a', { get: boom, enumerable: true })],
    ['a field whose toJSON throws', 'why', { a: { toJSON: boom } }],
    [
      'an error whose stack cannot be read',
      'why',
      { error: Object.defineProperty(new Error('x'), 'stack', { get: boom }) },
    ],
    ['no message', undefined, {}],
    ['no fields', 'why', null],
  ])('logging %s never throws', (_, message, fields) => {
    const lines = linesOf(() =>
      logWith(createLogger('report'), { requestKey: 'k' }).info(message as never, fields as never),
    );

    expect(lines).toMatchObject([{ level: 'INFO', requestKey: 'k', message: String(message) }]);
  });
});

test('a metric is a log line in the embedded format', () => {
  const lines = linesOf(() => {
    const metrics = createMetrics('router');
    metrics.add(METRICS.messagesAnswered, 1);
    metrics.publish();
  });

  expect(lines).toMatchObject([
    { service: 'router', MessagesAnswered: 1, _aws: { CloudWatchMetrics: [{ Namespace: 'Streamer' }] } },
  ]);
});

test('a metric names the API, because one account may have several APIs', () => {
  const lines = linesOf(() => {
    const metrics = createMetrics('router', 'TestStreamer');
    metrics.add(METRICS.messagesAnswered, 1);
    metrics.publish();
  });

  expect(lines).toMatchObject([
    {
      service: 'router',
      api: 'TestStreamer',
      _aws: { CloudWatchMetrics: [{ Dimensions: [expect.arrayContaining(['service', 'api'])] }] },
    },
  ]);
});
