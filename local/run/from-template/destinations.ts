import type { SqsService } from '../../emulator/sqs';
import type { LogSink } from '../../emulator/types';

/** Sends a failed invocation to its on-failure destination. */
export type Deliver = (destinationArn: string, body: unknown, source: string) => void;

/**
 * Creates a function that delivers to SQS queues, the only supported destinations. It logs a warning for each message
 * that it cannot deliver.
 */
export function deliverTo(sqs: SqsService, log: LogSink): Deliver {
  return (arn, body, source) => {
    try {
      if (!arn.includes(':sqs:')) throw new Error('only queues are emulated as destinations');
      sqs.queueByArn(arn).send({ body: JSON.stringify(body) });
      log({ source, level: 'warn', message: `failed permanently, reported to ${arn.split(':').at(-1)}` });
    } catch (error) {
      log({
        source,
        level: 'error',
        message: `failed permanently, and ${arn} cannot be notified: ${(error as Error).message}`,
      });
    }
  };
}
