import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { TopicMessage } from '../core/topic-log';
import { toQueued } from '../flows/topics/queue-message';
import type { Publisher } from '../flows/topics/topics';

/** The FIFO queue that the notifier consumes. */
export class PublishQueue implements Publisher {
  public constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
  ) {}

  public async publish(message: TopicMessage): Promise<void> {
    const { body, groupId, deduplicationId } = toQueued(message);
    await this.client.send(
      new SendMessageCommand({
        QueueUrl: this.queueUrl,
        MessageBody: body,
        MessageGroupId: groupId,
        MessageDeduplicationId: deduplicationId,
      }),
    );
  }
}
