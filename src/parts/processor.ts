import { type CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { type Code, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BOUNDS, type CapConfig, ENV, type EnvJson, METADATA, type MetadataValues, type QueueNames } from '../contract';
import { deadLetterName, priorityName } from '../handlers/names';
import type { HandlerFunctionOptions } from '../options/streamer-function-options';
import type { Settings } from '../settings';
import type { Stores } from '../stores/stores';
import { consume, createQueue } from './queue';
import { StreamerFunction } from './streamer-function';
import type { StreamerWebSocketApi } from './websocket-api';

interface ProcessorProps {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly webSocket: StreamerWebSocketApi;
  readonly action: string;
  readonly code: Code;
  readonly options: ProcessorOptions;
  /** The function's options that the user has set. */
  readonly functionOptions: HandlerFunctionOptions;
  /** Physical name of the queue. The dispatcher derives the queue's URL from it. */
  readonly queueName: string;
}

interface ProcessorOptions {
  /** Timeout of one attempt. */
  readonly timeout: Duration;
  readonly memorySize: number;
  /** Maximum concurrency of the queue's event source mapping. */
  readonly maxConcurrency: number;
  /** Caps of concurrent attempts, the narrowest first. */
  readonly caps: readonly CapConfig[];
  /** Milliseconds after which a request without viewers is cancelled; undefined if such a request continues. */
  readonly cancelAfterMs?: number;
  /** Maximum concurrency of the event source mapping of each priority class, by class. */
  readonly priorities: ReadonlyMap<string, number>;
}

/** Name of the bundle of an action's processor. */
export const processorName = (action: string): string => `processor ${action}`;

/** Maximum receive count that SQS allows. */
const MAX_RECEIVE_COUNT = 1_000;

/**
 * Runs one async handler. The construct consists of a function, a role, a log group, a queue, a dead-letter queue, and a queue for each priority
 * class.
 */
export class Processor extends Construct {
  public readonly function: StreamerFunction;
  public readonly queue: Queue;
  public readonly deadLetterQueue: Queue;
  public readonly priorityQueues: ReadonlyMap<string, Queue>;
  public readonly queueNames: QueueNames;

  public constructor(scope: Construct, id: string, props: ProcessorProps) {
    super(scope, id);
    const { priorities } = props.options;
    this.queueNames = queueNames(props.queueName, [...priorities.keys()]);
    this.function = this.createFunction(props);
    this.deadLetterQueue = createQueue(this, 'DeadLetters', props.settings, {
      queueName: this.queueNames.deadLetterQueue,
    });
    this.queue = this.createQueue(props, 'Queue', this.queueNames.queue);
    this.describeQueue(this.queue, { action: props.action, deadLetters: false });
    this.describeQueue(this.deadLetterQueue, { action: props.action, deadLetters: true });
    consume(this, 1, props.options.maxConcurrency);
    this.priorityQueues = new Map([...priorities].map(([name, max]) => [name, this.createClass(props, name, max)]));
    this.function.addEnvironment(ENV.queueUrl, this.queue.queueUrl);
    this.grant(props);
  }

  /** The queues, in the form that `StreamerAction` takes. */
  public get queues(): [queue: Queue, deadLetterQueue: Queue, priorityQueues: { [priority: string]: Queue }] {
    return [this.queue, this.deadLetterQueue, Object.fromEntries(this.priorityQueues)];
  }

  private createFunction(props: ProcessorProps): StreamerFunction {
    const { settings, action, code, options, functionOptions } = props;
    return new StreamerFunction(this, 'Function', {
      settings,
      description: `Streamer: runs ${action}`,
      code,
      timeout: functionTimeout(options.timeout),
      memorySize: options.memorySize,
      maxConcurrency: [...options.priorities.values()].reduce((sum, max) => sum + max, options.maxConcurrency),
      options: functionOptions,
      environment: {
        ...functionOptions.environment,
        [ENV.retentionSeconds]: String(settings.retention.toSeconds()),
        [ENV.limits]: Stack.of(this).toJsonString(settings.limits satisfies EnvJson['limits']),
      },
      // Retries form a loop of processor, table, stream, dispatcher and queue. The documentation of Lambda's loop detection covers queues, but not
      // DynamoDB. If Lambda detected this loop, it would stop the loop after 16 rounds.
      recursiveLoop: RecursiveLoop.ALLOW,
      invokedBy: 'Its queue invokes it, and has a dead-letter queue',
    });
  }

  /** Creates the queue of a priority class. The queue invokes the same function, up to the concurrency of the class. */
  private createClass(props: ProcessorProps, priority: string, maxConcurrency: number): Queue {
    const queue = this.createQueue(props, `Queue-${priority}`, priorityName(props.queueName, priority));
    this.describeQueue(queue, { action: props.action, deadLetters: false, priority });
    consume({ function: this.function, queue, deadLetterQueue: this.deadLetterQueue }, 1, maxConcurrency);
    return queue;
  }

  /** Creates a standard queue. It is a fair queue, because each message carries its tenant as message group. */
  private createQueue({ settings, options }: ProcessorProps, id: string, queueName: string): Queue {
    return createQueue(this, id, settings, {
      queueName,
      // The visibility timeout is six times the function's timeout, as Lambda recommends. A claim shortens the visibility timeout of its own message
      // to the lease.
      visibilityTimeout: Duration.seconds(6 * functionTimeout(options.timeout).toSeconds()),
      // The request's item counts the attempts, and one dead letter is sent for a failed request. SQS also counts receives that Lambda throttled. The
      // largest count that SQS allows prevents SQS from removing a message that never ran.
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
  }

  /** Records the action of a queue as metadata, for tools that show queues. */
  private describeQueue(queue: Queue, metadata: MetadataValues['queue']): void {
    (queue.node.defaultChild as CfnResource).addMetadata(METADATA.queue, metadata);
  }

  private grant({ stores, webSocket, options }: ProcessorProps): void {
    stores.connections.grantDeliver(this.function);
    stores.requests.grantTransitions(this.function);
    if (options.caps.length > 0) stores.requests.grantClaimSlots(this.function);
    stores.subscriptions.grantDeliver(this.function);
    if (options.cancelAfterMs !== undefined) stores.subscriptions.grantNoteLeft(this.function);
    stores.events.grantWrite(this.function);
    if (options.caps.length > 0) stores.events.grantLines(this.function);
    stores.payloads?.grantProcess(this.function);
    webSocket.grantPost(this.function);
  }
}

function queueNames(queue: string, priorities: readonly string[]): QueueNames {
  const names = { queue, deadLetterQueue: deadLetterName(queue) };
  if (priorities.length === 0) return names;
  return { ...names, priorities: Object.fromEntries(priorities.map((each) => [each, priorityName(queue, each)])) };
}

function functionTimeout(handlerTimeout: Duration): Duration {
  const seconds = Math.ceil((handlerTimeout.toMilliseconds() + BOUNDS.writeMarginMs) / 1000);
  return Duration.seconds(Math.min(seconds, BOUNDS.functionTimeoutMs / 1000));
}
