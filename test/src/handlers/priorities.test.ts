import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type AsyncHandlerOptions, type FunctionHandlerOptions, StreamerApi, StreamerHandler } from '../../../src';
import { auth } from '../support/apps';
import { makeProject } from '../support/project';
import { permissionsOf, readable } from '../support/readable';

/** Priority classes of async handlers: their queues, mappings, metadata and metrics. */

function made(options: AsyncHandlerOptions) {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Test');
  const handlers = { report: StreamerHandler.async('handlers/report.ts', options) };
  const api = new StreamerApi(stack, 'Streamer', { auth, projectRoot: makeProject(), handlers });
  return { api, stack, template: () => Template.fromStack(stack) };
}

describe('an action with priority classes', () => {
  const {
    api,
    stack,
    template: synth,
  } = made({ maxConcurrency: 8, priorities: { high: { maxConcurrency: 3 }, bulk: {} } });
  const report = api.handler('report');
  const depth = report.metricQueueDepth();
  depth.createAlarm(stack, 'Depth', { threshold: 1, evaluationPeriods: 1 });
  new Alarm(stack, 'Age', { metric: report.metricOldestRequestAge(), threshold: 60, evaluationPeriods: 1 });
  const template = synth();
  const queues = template.findResources('AWS::SQS::Queue');
  const ofReport = Object.entries(queues).filter(([id]) => id.includes('Processorsreport'));
  const queue = (part: string) => ofReport.find(([id]) => id.includes(part))?.[1] ?? {};
  const mappings = Object.entries(template.findResources('AWS::Lambda::EventSourceMapping'));

  test('the queue of a class has the settings and the dead-letter queue of the action’s own queue', () => {
    const own = ofReport.find(([id]) => /reportQueue(?!high|bulk)/.test(id))?.[1];
    const { QueueName, ...settings } = own?.Properties ?? {};
    for (const priority of ['high', 'bulk']) {
      const { QueueName: name, ...others } = queue(`Queue${priority}`).Properties;
      expect(name).toBe(`${QueueName}-p-${priority}`);
      expect(others).toEqual(settings);
      expect(queue(`Queue${priority}`).Metadata).toMatchObject({
        'cdk-streamer:queue': { action: 'report', deadLetters: false, priority },
      });
    }
    expect(settings).toMatchObject({ RedrivePolicy: { maxReceiveCount: 1000 }, SqsManagedSseEnabled: true });
    expect(ofReport).toHaveLength(4);
  });

  test('the queue of each class invokes the function of the action, up to the concurrency of the class', () => {
    const found = mappings.filter(([id]) => id.includes('Processorsreport'));
    expect(found.map(([, { Properties }]) => Properties.ScalingConfig.MaximumConcurrency).sort()).toEqual([3, 8, 8]);
    expect(new Set(found.map(([, { Properties }]) => JSON.stringify(Properties.FunctionName))).size).toBe(1);
    for (const [, { Properties }] of found) {
      expect(Properties).toMatchObject({ BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] });
    }
  });

  test('the function may receive from each queue, and the dispatcher may send to it by its name', () => {
    const received = permissionsOf(template, 'Processorsreport').filter((line) => line.includes('sqs:ReceiveMessage'));
    for (const part of ['Queuehigh', 'Queuebulk']) {
      expect(received.some((line) => line.includes(part))).toBe(true);
    }
  });

  test('`priorityQueues` of the action contains the queues of its classes', () => {
    expect(Object.keys(report.priorityQueues)).toEqual(['high', 'bulk']);
  });

  test('metrics of the queues cover all classes, also after a change of their options', () => {
    const alarm = (id: string) =>
      Object.entries(template.findResources('AWS::CloudWatch::Alarm')).find(([name]) => name.startsWith(id))?.[1];
    interface AlarmMetric {
      readonly MetricStat?: { readonly Metric: { readonly MetricName: string } };
    }
    const metricsOf = (id: string) => alarm(id)?.Properties.Metrics as AlarmMetric[];
    const names = (id: string) =>
      metricsOf(id).flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric.MetricName] : []));

    expect(metricsOf('Depth')[0]).toMatchObject({
      Expression: 'SUM([FILL(queue0, 0), FILL(queue1, 0), FILL(queue2, 0)])',
    });
    expect(names('Depth')).toEqual(Array(3).fill('ApproximateNumberOfMessagesVisible'));
    expect(metricsOf('Age')[0]).toMatchObject({
      Expression: 'MAX([FILL(queue0, 0), FILL(queue1, 0), FILL(queue2, 0)])',
    });
    expect(names('Age')).toEqual(Array(3).fill('ApproximateAgeOfOldestMessage'));

    const { mathExpression } = depth.with({ statistic: 'Average' }).toMetricConfig();
    const statistics = Object.values(mathExpression?.usingMetrics ?? {}).map(
      (metric) => metric.toMetricConfig().metricStat,
    );
    expect(statistics.map((stat) => stat?.statistic)).toEqual(Array(3).fill('Average'));
  });
});

test('a function of the user can have priority classes', () => {
  const stack = new Stack(new App(), 'Test');
  const fn = new LambdaFunction(stack, 'Fn', {
    runtime: Runtime.PYTHON_3_13,
    handler: 'index.handler',
    code: Code.fromInline('def handler(event, context): return 1'),
  });
  const job = StreamerHandler.fromFunction(fn, { priorities: { high: {} } });
  const api = new StreamerApi(stack, 'Streamer', { auth, projectRoot: makeProject(), handlers: { job } });

  expect(Object.keys(api.handler('job').priorityQueues)).toEqual(['high']);
  Template.fromStack(stack).hasResourceProperties('AWS::SQS::Queue', { QueueName: Match.stringLikeRegexp('-p-high$') });
});

test('an action without classes has one queue and metrics of that queue', () => {
  const { api, stack } = made({});
  const metric = api.handler('report').metricQueueDepth();
  expect(api.handler('report').priorityQueues).toEqual({});
  expect(readable(stack.resolve(metric.dimensions))).toEqual({ QueueName: '<ProcessorsreportQueue.QueueName>' });
});

describe('classes that cannot work are refused', () => {
  const six = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, {}]));

  test.each<[string, object, string]>([
    ['no class', { priorities: {} }, '`priorities` must have 1 to 5 classes, got: 0'],
    ['six classes', { priorities: six }, '`priorities` must have 1 to 5 classes, got: 6'],
    ['an array', { priorities: ['high'] }, '`priorities` must be an object of priority classes by name'],
    ['the name default', { priorities: { default: {} } }, 'at most 12 characters, except default'],
    ['an upper-case name', { priorities: { High: {} } }, '`priorities` must have names of a lower-case letter'],
    ['a name that is too long', { priorities: { abcdefghijklm: {} } }, 'at most 12 characters'],
    [
      'a concurrency of 1',
      { priorities: { high: { maxConcurrency: 1 } } },
      '`priorities.high.maxConcurrency` must be a whole number from 2 to 1000',
    ],
    ['a class that is a number', { priorities: { high: 5 } }, '`priorities.high` must be an object of properties'],
    ['a class that is null', { priorities: { high: null } }, '`priorities.high` must be an object of properties'],
    [
      'an unknown property',
      { priorities: { high: { maxConcurency: 5 } } },
      'Did you mean `priorities.high.maxConcurrency`?',
    ],
    [
      'one attempt at a time',
      { maxConcurrency: 1, priorities: { high: {} } },
      '`maxConcurrency` must be at least 2 with `priorities`, got: 1',
    ],
    [
      'a reserved concurrency below the sum of all queues',
      { maxConcurrency: 5, reservedConcurrency: 9, priorities: { high: {} } },
      '`reservedConcurrency` must be at least the sum of `maxConcurrency` and of the concurrencies of `priorities` (10), got: 9',
    ],
  ])('classes are refused for %s', (_, options, message) => {
    expect(() => StreamerHandler.async('handlers/report.ts', options as AsyncHandlerOptions)).toThrow(message);
  });
});

describe('a function of the user that reserves concurrency', () => {
  function warningsFor(reservedConcurrentExecutions: number | undefined, options: FunctionHandlerOptions): string[] {
    const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Test');
    const fn = new LambdaFunction(stack, 'Fn', {
      runtime: Runtime.PYTHON_3_13,
      handler: 'index.handler',
      code: Code.fromInline('pass'),
      reservedConcurrentExecutions,
    });
    const handlers = { report: StreamerHandler.fromFunction(fn, options) };
    new StreamerApi(stack, 'Streamer', { auth, projectRoot: makeProject(), handlers });
    return Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('reservedConcurrency:report'))
      .map(({ entry }) => String(entry.data));
  }

  test.each<[string, number, FunctionHandlerOptions, number]>([
    ['the default', 10, {}, 50],
    ['`maxConcurrency`', 10, { maxConcurrency: 11 }, 11],
    ['the sum over the priority classes', 10, { maxConcurrency: 6, priorities: { high: { maxConcurrency: 5 } } }, 11],
  ])('synthesis warns if %s exceeds the reserved concurrency', (_what, reserved, options, attempts) => {
    expect(warningsFor(reserved, options)).toEqual([
      expect.stringContaining(
        `The function of \`report\` reserves ${reserved} concurrent executions, but its queues can start ${attempts} attempts`,
      ),
    ]);
  });

  test.each<[string, number | undefined, FunctionHandlerOptions]>([
    ['reserves nothing', undefined, {}],
    ['reserves the sum', 11, { maxConcurrency: 6, priorities: { high: { maxConcurrency: 5 } } }],
    ['runs one attempt at a time', 1, { maxConcurrency: 1 }],
  ])('synthesis does not warn of a function that %s', (_what, reserved, options) => {
    expect(warningsFor(reserved, options)).toEqual([]);
  });
});
