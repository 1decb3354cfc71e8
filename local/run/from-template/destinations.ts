import type { SqsService } from '../../emulator/sqs';
import type { LogSink } from '../../emulator/types';

/** Sends failed invocations to an on-failure destination. */
export type Deliver = (destinationArn: string, body: unknown, source: string) => void;

/** Destinations are SQS queues; a warning names each message that cannot be delivered. */
export function deliverTo(sqs: SqsService, log: LogSink): Deliver {
  return (arn, body, source) => {
    try {
      if (!arn.includes(':sqs:')) throw new Error('only queues are emulated as destinations');
      sqs.queueByArn(arn).send({ body: JSON.stringify(body) });
      log({ source, level: 'warn', message: `failed for good, reported to ${arn.split(':').at(-1)}` });
    } catch (error) {
      log({
        source,
        level: 'error',
        message: `failed for good, and ${arn} cannot be notified: ${(error as Error).message}`,
      });
    }
  };
}
