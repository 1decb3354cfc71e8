import { Annotations, Duration, Stack, Token } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { builtFunction } from '../bundling/package-files';
import { ENV, type EnvJson, TERMINAL_STATUSES, type WebhookConfig } from '../contract';
import { grantReadSecret, grantSend } from '../grants/encryption';
import { acknowledge } from '../grants/nag';
import type { Settings, WebhookSettings } from '../settings';
import type { Stores } from '../stores/stores';
import { isLoopback } from '../validation/rules';
import type { ApiPart, PartContext } from './core';
import { consume, createFailureQueue, createQueue, FailureDestination } from './queue';
import { StreamerFunction, wholeSeconds } from './streamer-function';

/**
 * Creates the functions that report ended requests to an event bus and to a webhook. Without `eventBus` and `webhook`, no function is created,
 * because each consumer of the stream costs money, and a stream has at most two consumers.
 */
export function createAnnouncements({ scope, props, stores }: PartContext): ApiPart | undefined {
  const { settings, eventBus } = props;
  if (!eventBus && !props.webhook) return undefined;
  const webhook = props.webhook && new Webhook(scope, 'Webhook', { webhook: props.webhook, settings });
  const announcer = new Announcer(scope, 'Announcer', { settings, stores, eventBus, webhook });
  return {
    functions: { announcer: announcer.function, webhook: webhook?.function },
    outputs: webhook && { webhook: { secret: webhook.secret, deadLetterQueue: webhook.deadLetterQueue } },
  };
}

interface AnnouncerProps {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly eventBus?: IEventBus;
  readonly webhook?: Webhook;
}

/** Reads ended requests from the stream of the requests table, and announces them to the event bus and the webhook's queue. */
class Announcer extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, props: AnnouncerProps) {
    super(scope, id);
    this.function = new StreamerFunction(this, 'Function', {
      description: 'Streamer: announces requests that ended',
      code: builtFunction('announcer'),
      timeout: Duration.minutes(1),
      memorySize: 512,
      settings: props.settings,
      invokedBy: 'A stream invokes it, with an on-failure destination',
    });
    this.readStream(props);
    if (props.eventBus) this.passBus(props.eventBus);
    if (props.webhook) this.passWebhook(props.settings, props.webhook);
  }

  private readStream({ settings, stores }: AnnouncerProps): void {
    this.function.addEventSource(
      new DynamoEventSource(stores.requests.table, {
        // with LATEST, records may be missed when the mapping is updated
        startingPosition: StartingPosition.TRIM_HORIZON,
        filters: [ENDED_FILTER],
        batchSize: 100,
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        // No other part finds records that are dropped here. So the maximum age is longer than an outage of the bus, and shorter than the day for
        // which the stream keeps records.
        maxRecordAge: Duration.hours(6),
        onFailure: new FailureDestination(createFailureQueue(this, settings), settings),
      }),
    );
  }

  private passBus(eventBus: IEventBus): void {
    eventBus.grantPutEventsTo(this.function);
    this.function.addEnvironment(ENV.eventBus, eventBus.eventBusArn);
  }

  private passWebhook(settings: Settings, { queue }: Webhook): void {
    grantSend(this.function, settings, [queue]);
    this.function.addEnvironment(ENV.webhookQueueUrl, queue.queueUrl);
  }
}

const ENDED_FILTER = FilterCriteria.filter({
  eventName: FilterRule.or('INSERT', 'MODIFY'),
  dynamodb: { NewImage: { status: { S: FilterRule.or(...TERMINAL_STATUSES) } } },
});

interface WebhookProps {
  readonly webhook: WebhookSettings;
  readonly settings: Settings;
}

/**
 * Difference between the function's timeout and the receiver's timeout. In this time, the function reads the secret, and hides messages or moves them
 * to the dead-letter queue.
 */
const OVERHEAD = Duration.seconds(20);

/** Messages per invocation, posted concurrently. */
const BATCH_SIZE = 10;

/** Maximum concurrent invocations. Together with the batch size, the receiver gets at most 50 requests at once. */
const MAX_CONCURRENCY = 5;

/**
 * Difference between the queue's maximum receive count and the function's maximum number of attempts. SQS also counts receives without an outcome (a
 * crash, a throttled call). The function therefore counts attempts itself, and the queue's limit applies only if the function fails.
 */
const SPARE_RECEIVES = 5;

/** Posts the messages of a queue to one URL. The construct consists of a function, a queue, a dead-letter queue and a secret. */
class Webhook extends Construct {
  public readonly function: StreamerFunction;
  public readonly queue: Queue;
  public readonly deadLetterQueue: Queue;
  public readonly secret: ISecret;

  public constructor(scope: Construct, id: string, props: WebhookProps) {
    super(scope, id);
    const { webhook, settings } = props;
    const timeout = wholeSeconds(webhook.timeout.plus(OVERHEAD));
    this.secret = webhook.secret ?? this.createSecret(settings);
    this.deadLetterQueue = createQueue(this, 'DeadLetters', settings);
    this.queue = createQueue(this, 'Queue', settings, {
      // the visibility timeout is six times the function's timeout, as Lambda recommends; after a failed attempt, the function hides the message
      // until the next attempt is due
      visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: webhook.maxAttempts + SPARE_RECEIVES },
    });
    this.function = new StreamerFunction(this, 'Function', {
      description: 'Streamer: posts webhooks',
      code: builtFunction('webhook'),
      timeout,
      memorySize: 512,
      maxConcurrency: MAX_CONCURRENCY,
      settings,
      environment: { [ENV.webhook]: Stack.of(this).toJsonString(this.config(webhook) satisfies EnvJson['webhook']) },
      invokedBy: 'Its queue invokes it, and has a dead-letter queue',
    });
    this.consume(settings);
    if (namesLoopback(webhook.url)) this.warnOfLoopback();
  }

  /** Creates a secret of 32 letters and digits. The signer decodes it as base64 into 24 bytes, a key with 190 bits of randomness. */
  private createSecret({ encryptionKey }: Settings): Secret {
    const secret = new Secret(this, 'Secret', {
      description: 'Streamer: signs webhooks',
      encryptionKey,
      generateSecretString: { passwordLength: 32, excludePunctuation: true },
    });
    acknowledge(secret, {
      'AwsSolutions-SMG4':
        'Its receiver must learn of a new value, which no schedule can do; both versions sign meanwhile',
    });
    return secret;
  }

  private config({ url, maxAttempts, initial, max, timeout }: WebhookSettings): WebhookConfig {
    return {
      url,
      maxAttempts,
      initialMs: initial.toMilliseconds(),
      maxMs: max.toMilliseconds(),
      timeoutMs: timeout.toMilliseconds(),
      secretArn: this.secret.secretArn,
      queueUrl: this.queue.queueUrl,
      deadLetterQueueUrl: this.deadLetterQueue.queueUrl,
    };
  }

  private consume(settings: Settings): void {
    consume(this, BATCH_SIZE, MAX_CONCURRENCY);
    grantReadSecret(this.function, this.secret);
    grantSend(this.function, settings, [this.deadLetterQueue]);
  }

  private warnOfLoopback(): void {
    Annotations.of(this).addWarningV2(
      'cdk-streamer:webhookLoopback',
      '`webhook` names the machine that posts: it works in a local run, and reaches nothing on AWS',
    );
  }
}

/** Whether the URL is an address of the machine that sends. Such a URL is useful only in a local run. */
const namesLoopback = (url: string): boolean => !Token.isUnresolved(url) && isLoopback(new URL(url).hostname);
