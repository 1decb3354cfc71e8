import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { OutgoingMessage, Queues } from '../flows/ports';

/** URLs of an action's queues, as the construct writes them. */
export interface QueueUrls {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

const BATCH = 10;

/** The actions' queues on SQS. */
export class SqsQueues implements Queues {
  private readonly urls: ReadonlyMap<string, QueueUrls>;

  public constructor(
    private readonly client: SQSClient,
    urls: Readonly<Record<string, QueueUrls>>,
  ) {
    this.urls = new Map(Object.entries(urls));
  }

  public serves(action: string): boolean {
    return this.urls.has(action);
  }

  public async send(action: string, messages: readonly OutgoingMessage[]): Promise<number[]> {
    const { queueUrl } = this.of(action);
    const starts = Array.from({ length: Math.ceil(messages.length / BATCH) }, (_, i) => i * BATCH);
    const failed = await Promise.all(starts.map((start) => this.sendBatch(queueUrl, messages, start)));
    return failed.flat();
  }

  public async deadLetter(action: string, body: string): Promise<void> {
    const command = new SendMessageCommand({ QueueUrl: this.of(action).deadLetterQueueUrl, MessageBody: body });
    await this.client.send(command);
  }

  private async sendBatch(queueUrl: string, messages: readonly OutgoingMessage[], start: number): Promise<number[]> {
    const command = new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: messages.slice(start, start + BATCH).map(({ body, group, delaySeconds }, i) => ({
        Id: String(start + i),
        MessageBody: JSON.stringify(body),
        MessageGroupId: groupId(group),
        DelaySeconds: delaySeconds,
      })),
    });
    const { Failed = [] } = await this.client.send(command);
    return Failed.map(({ Id }) => Number(Id));
  }

  private of(action: string): QueueUrls {
    const urls = this.urls.get(action);
    if (!urls) throw new Error(`no queue for the action ${action}`);
    return urls;
  }
}

/** A group id takes 128 characters of ASCII letters, digits and punctuation; a tenant's name may be anything. */
function groupId(group: string): string {
  return /^[!-~]{1,128}$/.test(group) ? group : Buffer.from(group).toString('base64url').slice(0, 128) || '-';
}

/** Hides a message for that long from now on. */
export async function changeVisibility(
  client: SQSClient,
  queueUrl: string,
  receiptHandle: string,
  seconds: number,
): Promise<void> {
  const VisibilityTimeout = Math.max(0, Math.min(43_200, Math.ceil(seconds)));
  await client.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout }),
  );
}
