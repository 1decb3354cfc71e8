import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type Announcement, webhookBody } from '../core/announcement';
import type { Sink } from '../flows/announcements/announce';
import { inBatches } from './batches';
import { groupId } from './sqs-queues';

/** The queue that the webhook's function consumes: fair, a group for each tenant. */
export class WebhookQueue implements Sink {
  public readonly name = 'webhook queue';

  public constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
  ) {}

  public send(announcements: readonly Announcement[]): Promise<number[]> {
    return inBatches(announcements, (batch) => this.sendBatch(batch));
  }

  private async sendBatch(batch: readonly Announcement[]): Promise<number[]> {
    const command = new SendMessageBatchCommand({
      QueueUrl: this.queueUrl,
      Entries: batch.map((announcement, index) => ({
        Id: String(index),
        MessageBody: webhookBody(announcement),
        MessageGroupId: groupId(announcement.tenant),
      })),
    });
    const { Failed = [] } = await this.client.send(command);
    return Failed.map(({ Id }) => Number(Id));
  }
}
