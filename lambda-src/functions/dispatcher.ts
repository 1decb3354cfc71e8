import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { QueueNames } from '../../src/contract';
import { createGateway } from '../aws/connections';
import { direct } from '../aws/direct/direct-client';
import { SQS } from '../aws/direct/sqs';
import { SqsQueues, urlsBeside } from '../aws/sqs-queues';
import { requestRecords } from '../aws/stream-records';
import { dispatch } from '../flows/dispatch/dispatch';
import { createDeps, createLogger, logWith, REQUEST_HANDLER, readEnv } from '../runtime';

const log = logWith(createLogger('dispatcher'));
const deps = createDeps(log, createGateway(readEnv(['callbackUrl']).callbackUrl, log));

/** The queues by action. The generated entry contains them. */
export interface DispatcherOptions {
  readonly queues: Readonly<Record<string, QueueNames>>;
}

/** Creates the function that reads the stream of the requests table. */
export function createDispatcher(options: DispatcherOptions) {
  const urls = urlsBeside(readEnv(['failuresQueueUrl']).failuresQueueUrl, options.queues);
  const queues = new SqsQueues(direct(new SQSClient({ requestHandler: REQUEST_HANDLER }), SQS), urls);
  return async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const failed = await dispatch({ ...deps, queues }, requestRecords(event, log));
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}
