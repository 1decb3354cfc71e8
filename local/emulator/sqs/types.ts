/** A queue of the template. All times are in milliseconds. */
export interface QueueSpec {
  readonly queueName: string;
  readonly fifo: boolean;
  readonly visibilityTimeoutMs: number;
  readonly delayMs: number;
  readonly retentionMs: number;
  /** Time in milliseconds that a receive waits for a message, unless the request sets another one. @default 0 */
  readonly receiveWaitMs?: number;
  /** Maximum size of a message in bytes. @default 1,048,576 */
  readonly maximumMessageBytes?: number;
  readonly redrive?: { readonly deadLetterQueueArn: string; readonly maxReceiveCount: number };
  readonly contentBasedDeduplication?: boolean;
  /** Whether deduplication ids count separately in each message group. @default false */
  readonly deduplicatesInGroups?: boolean;
}

/** A custom message attribute. Binary values are base64 strings, as in requests. */
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
  /** Delay of the message in milliseconds. @default - the delay of the queue */
  readonly delayMs?: number;
  readonly attributes?: MessageAttributes;
  /** System attribute `AWSTraceHeader`. */
  readonly traceHeader?: string;
}

export interface SendResult {
  readonly messageId: string;
  readonly md5OfBody: string;
  readonly md5OfMessageAttributes?: string;
  /** Increasing number with 20 digits; only in FIFO queues. */
  readonly sequenceNumber?: string;
}

/** A message that a consumer has received. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** System attributes as strings: ApproximateReceiveCount, SentTimestamp, SenderId, MessageGroupId, … */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: MessageAttributes;
  readonly md5OfMessageAttributes?: string;
}

export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** A message in a queue. Only the queue itself changes it. */
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
  /** Queue that moved the message to this dead-letter queue. */
  readonly deadLetterSource?: string;
  state: 'ready' | 'delayed' | 'inFlight' | 'gone';
  /** Position among the visible messages. The message with the lowest number is delivered first. */
  order: number;
  /** Time at which a delayed or received message becomes visible. */
  visibleAt: number;
  receivedAt: number;
  firstReceivedAt?: number;
  /** Number of times that the message was received, in this queue and in earlier queues. */
  receiveCount: number;
  /** Number of times that the message was received in this queue. The redrive policy uses this number. */
  receivesHere: number;
}
