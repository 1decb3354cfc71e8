/** A queue, as its template describes it. Times are in milliseconds. */
export interface QueueSpec {
  readonly queueName: string;
  readonly fifo: boolean;
  readonly visibilityTimeoutMs: number;
  readonly delayMs: number;
  readonly retentionMs: number;
  /** Time for which a receive waits for a message by default. @default 0 */
  readonly receiveWaitMs?: number;
  /** @default 1,048,576 */
  readonly maximumMessageBytes?: number;
  readonly redrive?: { readonly deadLetterQueueArn: string; readonly maxReceiveCount: number };
  readonly contentBasedDeduplication?: boolean;
  /** Whether deduplication ids count in each group by itself. @default false */
  readonly deduplicatesInGroups?: boolean;
}

/** A custom attribute. Binary values are base64, as on the wire. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export interface SendInput {
  readonly body: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** @default - the queue's own delay */
  readonly delayMs?: number;
  readonly attributes?: MessageAttributes;
  /** The `AWSTraceHeader` system attribute. */
  readonly traceHeader?: string;
}

export interface SendResult {
  readonly messageId: string;
  readonly md5OfBody: string;
  readonly md5OfMessageAttributes?: string;
  /** FIFO queues only: 20 digits, increasing. */
  readonly sequenceNumber?: string;
}

/** A message that a consumer has received. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** System attributes: ApproximateReceiveCount, SentTimestamp, SenderId, MessageGroupId, … as strings. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: MessageAttributes;
  readonly md5OfMessageAttributes?: string;
}

export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** A message in a queue. Only its queue changes it. */
export interface StoredMessage {
  readonly messageId: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly md5OfMessageAttributes?: string;
  readonly attributes: MessageAttributes;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly traceHeader?: string;
  readonly sequence: number;
  readonly sentAt: number;
  readonly senderId: string;
  /** The queue that gave up on it. */
  readonly deadLetterSource?: string;
  state: 'ready' | 'delayed' | 'inFlight' | 'gone';
  /** Place among the visible messages: the lower is delivered first. */
  order: number;
  /** Time at which a delayed or received message becomes visible. */
  visibleAt: number;
  receivedAt: number;
  firstReceivedAt?: number;
  /** Receives in every queue it was in. */
  receiveCount: number;
  /** Receives in this queue, which its redrive policy counts. */
  receivesHere: number;
}
