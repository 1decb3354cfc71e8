import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { builtFunction } from '../bundling/package-files';
import { BOUNDS, ENV } from '../contract';
import { grantSend } from '../grants/encryption';
import type { Settings } from '../settings';
import type { Stores } from '../stores/stores';
import type { ApiPart, PartContext } from './core';
import { consume, createQueue } from './queue';
import { StreamerFunction } from './streamer-function';
import type { StreamerWebSocketApi } from './websocket-api';

interface NotifierProps {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly webSocket: StreamerWebSocketApi;
  /** Maximum frames per second of all topics together. */
  readonly topicRate: number;
}

/** Timeout of one invocation. */
const TIMEOUT = Duration.minutes(1);

/** Messages per invocation: the maximum batch size of a FIFO queue. */
const BATCH_SIZE = 10;

/**
 * Visibility timeout of a message until the notifier shortens it, which is the notifier's first step. If the notifier dies earlier, during its
 * initialization, the topic is delayed by this time. Lambda accepts any value that is not below the function's timeout. AWS recommends six times the
 * function's timeout, but the topic would then stop for 6 minutes.
 */
const VISIBILITY = Duration.seconds(2 * TIMEOUT.toSeconds());

/**
 * Maximum receives of a message. Together with the waits between receives, they last a quarter of an hour, so a message is not lost if the table is
 * unavailable for that long.
 */
const MAX_RECEIVES = 20;

/**
 * The only writer of topics. It reads published messages from a FIFO queue, appends them to the topic's log, and sends them to the subscribers.
 */
export class Notifier extends Construct {
  public readonly function: StreamerFunction;
  public readonly queue: Queue;
  public readonly deadLetterQueue: Queue;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: NotifierProps,
  ) {
    super(scope, id);
    const { settings } = props;
    this.deadLetterQueue = createQueue(this, 'DeadLetters', settings, { fifo: true });
    this.queue = createQueue(this, 'Queue', settings, {
      fifo: true,
      visibilityTimeout: VISIBILITY,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
    });
    this.function = new StreamerFunction(this, 'Function', {
      description: 'Streamer: writes topics and sends to their subscribers',
      code: builtFunction('notifier'),
      timeout: TIMEOUT,
      // With this amount of memory, Lambda assigns one full vCPU. CPU limits the speed of a fan-out, and a faster fan-out costs the same.
      memorySize: 1769,
      maxConcurrency: BOUNDS.notifiers,
      settings,
      environment: {
        [ENV.retentionSeconds]: String(settings.retention.toSeconds()),
        [ENV.publishQueue]: this.queue.queueUrl,
        [ENV.topicRate]: String(props.topicRate),
      },
      invokedBy: 'Its queue invokes it, and has a dead-letter queue',
    });
    consume(this, BATCH_SIZE, BOUNDS.notifiers);
    this.grant();
  }

  /** Allows a function of this API to publish. */
  public grantPublishTo(fn: LambdaFunction): void {
    grantSend(fn, this.props.settings, [this.queue]);
    fn.addEnvironment(ENV.publishQueue, this.queue.queueUrl);
  }

  private grant(): void {
    const { stores, webSocket } = this.props;
    stores.connections.grantForget(this.function);
    stores.subscriptions.grantDeliver(this.function);
    stores.events.grantTopics(this.function);
    webSocket.grantPost(this.function);
    // For the parts of a fan-out to many subscribers, which other invocations send.
    grantSend(this.function, this.props.settings, [this.queue]);
  }
}

/** Creates the notifier, if the API has topics. */
export function createTopics({ scope, props, stores, webSocket, router }: PartContext): ApiPart | undefined {
  const { settings, topics, topicRate } = props;
  if (!topics) return undefined;
  const notifier = new Notifier(scope, 'Notifier', { settings, stores, webSocket, topicRate });
  if (topics.some(({ publish }) => publish)) notifier.grantPublishTo(router.function);
  const { queue, deadLetterQueue } = notifier;
  return {
    functions: { notifier: notifier.function },
    outputs: {
      topics: { queue, deadLetterQueue },
      publishTarget: { queue, encryptionKey: settings.encryptionKey },
    },
  };
}
