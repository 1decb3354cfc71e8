import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type ActionConfig, METRICS } from '../../src/contract';
import { createGateway } from '../aws/connections';
import { direct } from '../aws/direct/direct-client';
import { SQS } from '../aws/direct/sqs';
import { changeVisibility, deleteMessage, hideForLease, urlOfSource } from '../aws/sqs-queues';
import { asWorkMessage } from '../core';
import { startNoter } from '../flows/attempt/claim';
import { parseState } from '../flows/attempt/continue';
import { type Disposition, type ProcessDeps, processMessage } from '../flows/attempt/process';
import { AbandonedAttempt } from '../flows/attempt/run-attempt';
import { handlerOf, inputOf, messagesOf, parseInput, parseMessage } from '../flows/handlers/input';
import {
  createDeps,
  createLogger,
  createMetrics,
  type LoadModule,
  logWith,
  REQUEST_HANDLER,
  readEnv,
  UserModules,
} from '../runtime';
import { ThreadHeartbeat } from '../runtime/heartbeat';

export interface ProcessorOptions {
  readonly action: string;
  readonly config: ActionConfig;
  /** Loads the handler's module, or returns the proxy of a user's function. */
  readonly load: LoadModule;
  /** Loads the schema module with which the router validated the input. It is used if the handler's module has no schema. */
  readonly schema?: LoadModule;
}

/** Ends a process that cannot load its handler, or whose handler cannot be stopped, so that the next invocation starts a new process. */
export interface ProcessorHost {
  exit(): void;
}

/** Creates the function of one async action, which reads the action's queue. */
export function createProcessor(options: ProcessorOptions, host: ProcessorHost = { exit: () => process.exit(1) }) {
  const { action, config } = options;
  const logger = createLogger(action);
  const metrics = createMetrics(action);
  const log = logWith(logger);
  const heartbeat = new ThreadHeartbeat(log);
  const sqs = direct(new SQSClient({ requestHandler: REQUEST_HANDLER }), SQS);
  const env = readEnv(['queueUrl', 'callbackUrl']);
  const shared = createDeps(log, createGateway(env.callbackUrl, log));
  const modules = new UserModules(log, true);
  const work = workOf(options, modules);
  const noteStart = startNoter(shared, action);

  async function processRecord(record: SQSRecord, queueUrl: string, functionEndsAt: number): Promise<Disposition> {
    const { messageId, receiptHandle } = record;
    const body = asWorkMessage(record.body);
    if (!body) {
      log.error('a message that Streamer did not send was dropped', { messageId });
      return 'done';
    }
    const deps: ProcessDeps = {
      ...shared,
      log: logWith(logger, { requestKey: body.requestKey }),
      heartbeat: heartbeat.of({ queueUrl, receiptHandle }, () => hideForLease(sqs, queueUrl, receiptHandle)),
      ...work,
      noteStart,
      caps: config.caps,
      progressRate: config.progressRate,
      retryBackoff: { baseMs: config.backoffBaseMs, maxMs: config.backoffMaxMs },
    };
    return processMessage(deps, { messageId, body, functionEndsAt });
  }

  async function handle(record: SQSRecord, functionEndsAt: number): Promise<string[]> {
    const queueUrl = urlOfSource(env.queueUrl, record.eventSourceARN);
    const disposition = await processRecord(record, queueUrl, functionEndsAt).catch(async (error) => {
      // Otherwise the message would stay hidden for the queue's visibility timeout, which is six times the function's timeout.
      await hideForLease(sqs, queueUrl, record.receiptHandle);
      if (error instanceof AbandonedAttempt) host.exit();
      throw error;
    });
    const mustExit = modules.failed || disposition === 'abandoned';
    // The outcome is written. The end of the process makes this invocation fail, so the message is deleted first: it must not be delivered again.
    if (mustExit && typeof disposition !== 'object') await deleteMessage(sqs, queueUrl, record.receiptHandle);
    if (typeof disposition === 'object') {
      await changeVisibility(sqs, queueUrl, record.receiptHandle, disposition.againInSeconds);
    }
    if (mustExit) host.exit();
    return typeof disposition === 'object' ? [record.messageId] : [];
  }

  return async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const startedAt = Date.now();
    const functionEndsAt = startedAt + context.getRemainingTimeInMillis();
    const failed = await Promise.all(event.Records.map((record) => handle(record, functionEndsAt)));
    metrics.add(METRICS.attemptDuration, Date.now() - startedAt);
    metrics.publish();
    return { batchItemFailures: failed.flat().map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

/** Returns functions that load the action's handler and schema. If a module cannot be loaded, its function rejects. */
function workOf(
  { action, load, schema }: ProcessorOptions,
  modules: UserModules,
): Pick<ProcessDeps, 'run' | 'retryIf' | 'parseInput' | 'parseState' | 'parseMessage'> {
  const handler = modules.add(`the handler of ${action}`, load, handlerOf);
  const beside = schema && modules.add(`the schema of ${action}`, schema, (module) => module);
  return {
    run: async (context) => (await handler()).run(context),
    parseMessage: async (name, data) => parseMessage(messagesOf(await handler(), await beside?.()), name, data),
    parseState: async (state) => parseState((await handler()).state, state),
    retryIf: async (...asked) => (await handler()).retryIf?.(...asked),
    parseInput: (input) => parseInput(async () => inputOf(await handler(), await beside?.()), input),
  };
}
