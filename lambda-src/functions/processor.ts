import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { asWorkMessage } from '../core/work-message';
import { inputOf, type Module, parseInput, type RunnableHandler } from '../flows/input';
import { type Disposition, processMessage } from '../flows/process';
import { ManagementApi } from '../gateway/management-api';
import { changeVisibility, hideForLease } from '../gateway/sqs-queues';
import { type ActionConfigs, readEnv, readJson, readLimits } from '../runtime/config';
import { createDeps } from '../runtime/deps';
import { ThreadHeartbeat } from '../runtime/heartbeat';
import { REQUEST_HANDLER } from '../runtime/http';
import { createLogger, createMetrics, logWith, MetricUnit } from '../runtime/observability';

export interface ProcessorOptions {
  readonly action: string;
  /** The default export of the handler's module, or what stands for a function. */
  readonly handler: RunnableHandler;
  /** The module of the schema that the router validated with: it serves where the handler names none of its own. */
  readonly schema?: Module;
}

/** The function of one async action: consumes the action's queue. */
export function createProcessor({ action, handler, schema: schemaModule }: ProcessorOptions) {
  const logger = createLogger(action);
  const metrics = createMetrics(action);
  const log = logWith(logger);
  const heartbeat = new ThreadHeartbeat(log);
  const sqs = new SQSClient({ requestHandler: REQUEST_HANDLER });
  const { queueUrl, callbackUrl } = readEnv(['queueUrl', 'callbackUrl']);
  const shared = createDeps(log, new ManagementApi(callbackUrl, log));
  const config = readJson<ActionConfigs>('actions')[action];
  const limits = readLimits();
  const schema = inputOf(handler, schemaModule);

  async function processRecord(record: SQSRecord, functionEndsAt: number): Promise<Disposition> {
    const body = asWorkMessage(record.body);
    if (!body) {
      log.error('a message that is not ours was dropped', { messageId: record.messageId });
      return 'done';
    }
    const deps = {
      ...shared,
      log: logWith(logger, { requestKey: body.requestKey }),
      heartbeat: heartbeat.of(record.receiptHandle, () => hideForLease(sqs, queueUrl, record.receiptHandle)),
      run: handler.run,
      parseInput: (input: unknown) => parseInput(schema, input),
      progressRate: config.progressRate,
      limits,
      retryBackoff: { baseMs: config.backoffBaseMs, maxMs: config.backoffMaxMs },
    };
    return processMessage(deps, { messageId: record.messageId, body, functionEndsAt });
  }

  async function handle(record: SQSRecord, functionEndsAt: number): Promise<string[]> {
    const disposition = await processRecord(record, functionEndsAt);
    if (disposition === 'done') return [];
    await changeVisibility(sqs, queueUrl, record.receiptHandle, disposition.againInSeconds);
    return [record.messageId];
  }

  return async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const startedAt = Date.now();
    const functionEndsAt = startedAt + context.getRemainingTimeInMillis();
    const failed = await Promise.all(event.Records.map((record) => handle(record, functionEndsAt)));
    metrics.addMetric('AttemptDuration', MetricUnit.Milliseconds, Date.now() - startedAt);
    metrics.publishStoredMetrics();
    return { batchItemFailures: failed.flat().map((itemIdentifier) => ({ itemIdentifier })) };
  };
}
