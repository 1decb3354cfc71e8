import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { QueueNames } from '../../src/contract';
import { type Announcement, LEASE_MS, type TopicMessage, webhookBody } from '../core';
import type { Sink } from '../flows/announcements/announce';
import type { OutgoingMessage, Queues } from '../flows/ports';
import { type QueuedMessage, toQueued } from '../flows/topics/queue-message';
import type { Publisher } from '../flows/topics/topics';
import { inBatches } from './batches';

/** URLs of an action's queues. */
export interface QueueUrls {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** URLs of the queues of the priority classes. */
  readonly priorities?: ReadonlyMap<string, string>;
}

/**
 * Derives URLs of queues from the URL of another queue in the same account and region. In each partition, only the last part of the URL differs,
 * which is the queue's name.
 *
 * @param knownUrl URL of a queue, as SQS returns it
 */
export function urlsBeside(
  knownUrl: string,
  names: Readonly<Record<string, QueueNames>>,
): Readonly<Record<string, QueueUrls>> {
  const url = (name: string) => urlBeside(knownUrl, name);
  const urlsOf = ({ queue, deadLetterQueue, priorities = {} }: QueueNames): QueueUrls => ({
    queueUrl: url(queue),
    deadLetterQueueUrl: url(deadLetterQueue),
    priorities: new Map(Object.entries(priorities).map(([priority, name]) => [priority, url(name)])),
  });
  return Object.fromEntries(Object.entries(names).map(([action, queues]) => [action, urlsOf(queues)]));
}

const urlBeside = (knownUrl: string, name: string): string => knownUrl.slice(0, knownUrl.lastIndexOf('/') + 1) + name;

/**
 * Returns the URL of the queue from which a message came: the action's own queue, or the queue of a priority class.
 *
 * @param knownUrl URL of another queue in the same account and region
 */
export const urlOfSource = (knownUrl: string, eventSourceArn: string): string =>
  urlBeside(knownUrl, eventSourceArn.slice(eventSourceArn.lastIndexOf(':') + 1));

const BATCH = 10;

/** Implements the actions' queues with SQS. */
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

  public async send(action: string, messages: readonly OutgoingMessage[], priority = ''): Promise<number[]> {
    const { queueUrl, priorities } = this.of(action);
    const url = priorities?.get(priority) ?? queueUrl;
    const starts = Array.from({ length: Math.ceil(messages.length / BATCH) }, (_, i) => i * BATCH);
    const failed = await Promise.all(starts.map((start) => this.sendBatch(url, messages, start)));
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

/** Returns the message group of a tenant. SQS allows 128 ASCII letters, digits and punctuation characters, but a tenant's name may be any string. */
export function groupId(group: string): string {
  return /^[!-~]{1,128}$/.test(group) ? group : Buffer.from(group).toString('base64url').slice(0, 128) || '-';
}

/** Seconds that are added to the lease, so that the lease has ended when the message becomes visible. */
const SKEW_SECONDS = 2;

/**
 * Hides a message for the duration of a lease. A failure is ignored. The message then stays hidden longer, and the sweeper finds the request before
 * the message becomes visible.
 */
export async function hideForLease(client: SQSClient, queueUrl: string, receiptHandle: string): Promise<void> {
  await changeVisibility(client, queueUrl, receiptHandle, LEASE_MS / 1000 + SKEW_SECONDS).catch(() => undefined);
}

/** Hides a message for the given time from now. */
export async function changeVisibility(
  client: SQSClient,
  queueUrl: string,
  receiptHandle: string,
  seconds: number,
): Promise<void> {
  const VisibilityTimeout = visibility(seconds);
  await client.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout }),
  );
}

/**
 * Hides up to ten messages of one receive for the given time from now.
 *
 * @throws Error if SQS did not hide some of them
 */
export async function changeVisibilities(
  client: SQSClient,
  queueUrl: string,
  receiptHandles: readonly string[],
  seconds: number,
): Promise<void> {
  const VisibilityTimeout = visibility(seconds);
  const Entries = receiptHandles.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout }));
  const { Failed = [] } = await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
  if (Failed.length > 0) throw new Error(`the visibility of ${Failed.length} messages: ${Failed[0]?.Message}`);
}

/** Rounds and limits a visibility timeout: SQS accepts whole seconds up to 12 hours. */
const visibility = (seconds: number): number => Math.max(0, Math.min(43_200, Math.ceil(seconds)));

/**
 * Milliseconds after which `deleteMessage` gives up. The callers must not wait long, because they then end the process, and with it a handler that
 * ignores its signal.
 */
const DELETE_MS = 1_000;

/**
 * Deletes a message, or gives up after a second. A failure is harmless, because a processor that receives the message again finds the current state of
 * its request.
 */
export async function deleteMessage(client: SQSClient, queueUrl: string, receiptHandle: string): Promise<void> {
  const command = new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle });
  await client.send(command, { abortSignal: AbortSignal.timeout(DELETE_MS) }).catch(() => undefined);
}

/** The FIFO queue that the notifier consumes. */
export class PublishQueue implements Publisher {
  public constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
  ) {}

  public async publish(message: TopicMessage): Promise<void> {
    await this.client.send(new SendMessageCommand({ QueueUrl: this.queueUrl, ...entryOf(toQueued(message)) }));
  }

  /** Sends up to ten messages. @throws Error if SQS did not accept some of them */
  public async send(messages: readonly QueuedMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const Entries = messages.map((message, index) => ({ Id: String(index), ...entryOf(message) }));
    const { Failed = [] } = await this.client.send(new SendMessageBatchCommand({ QueueUrl: this.queueUrl, Entries }));
    if (Failed.length > 0) throw new Error(`${Failed.length} messages were not sent: ${Failed[0]?.Message}`);
  }
}

const entryOf = ({ body, groupId, deduplicationId }: QueuedMessage) => ({
  MessageBody: body,
  MessageGroupId: groupId,
  MessageDeduplicationId: deduplicationId,
});

/** The queue from which the webhook's function reads. It is a fair queue, with a message group per tenant. */
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
