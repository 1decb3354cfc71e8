import { encodePublish } from '../wire/encode';
import { StreamerError } from '../wire/errors';
import { publishError } from './failures';

/** The members of an `SQSClient` of `@aws-sdk/client-sqs` that this client uses. */
export interface SqsClientLike {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own type would make it a dependency of everybody's types
  send(command: any): Promise<any>;
}

/** Options of one message that a server publishes. */
export interface ServerPublishOptions {
  /** Tenant of the topic. Default: `default`. */
  readonly tenant?: string;
  /**
   * Id of the message, which must match `/^[A-Za-z0-9_-]{1,64}$/`. Two calls with the same id on the same topic are one message. Default: a new id.
   */
  readonly id?: string;
}

interface Message {
  readonly tenant: string;
  readonly topic: string;
  readonly id: string;
  readonly data: unknown;
}

/** Publishes through the queue of topics. Once the queue has accepted a message, the message will be stored. */
export class Publisher {
  constructor(
    private readonly queueUrl: string,
    private client: SqsClientLike | undefined,
    private readonly maxAttempts: number,
  ) {}

  /** @throws StreamerError */
  async publish({ tenant, topic, id, data }: Message): Promise<void> {
    const checked = JSON.parse(encodePublish(topic, id, data)) as { data: unknown };
    const { SendMessageCommand, SQSClient } = await loadSdk();
    // SQS may answer a retry with the digest of the first message, so the client must not compare digests.
    this.client ??= new SQSClient({ ...regionOf(this.queueUrl), maxAttempts: this.maxAttempts, md5: false });
    const command = new SendMessageCommand({
      QueueUrl: this.queueUrl,
      MessageBody: sendable(JSON.stringify({ tenant, topic, id, data: checked.data })),
      MessageGroupId: await digest(tenant, topic),
      MessageDeduplicationId: await digest(tenant, topic, id),
    });
    await this.client.send(command).catch((thrown: unknown) => {
      throw publishError(thrown);
    });
  }
}

/** Digest of names. It is needed, because names may be longer than an id of SQS, and may contain any characters. */
async function digest(...parts: string[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  const hash = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
  const base64 = btoa(String.fromCharCode(...hash));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace('=', '');
}

/** Escapes U+FFFE and U+FFFF, which SQS does not accept. They occur only inside JSON strings, in which they can be escaped. */
const sendable = (json: string): string => json.replace(/[\uFFFE\uFFFF]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);

/** Returns the region of a queue URL. */
function regionOf(queueUrl: string): { region?: string } {
  const region = /^https:\/\/sqs\.([a-z0-9-]+)\./.exec(queueUrl)?.[1];
  return region === undefined ? {} : { region };
}

async function loadSdk() {
  try {
    return await import('@aws-sdk/client-sqs');
  } catch (cause) {
    throw new StreamerError(
      'CONNECT_FAILED',
      'The package @aws-sdk/client-sqs is needed. Install it: npm install @aws-sdk/client-sqs',
      { cause, retryable: false },
    );
  }
}
