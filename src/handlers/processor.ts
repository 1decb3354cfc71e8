import { type CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { processorName } from '../bundling/handler-bundles';
import {
  BOUNDS,
  ENV,
  type EnvJson,
  type InvokedFunction,
  METADATA,
  type MetadataValues,
  type QueueNames,
} from '../contract';
import type { HandlerFunctionOptions } from '../options/streamer-handler-function-options';
import { consume, createQueue } from '../parts/queue';
import { StreamerFunction } from '../parts/streamer-function';
import type { StreamerWebSocketApi } from '../parts/websocket-api';
import type { Settings } from '../settings';
import type { Stores } from '../stores';
import type { AsyncHandler } from './definitions';
import type { Handlers } from './handlers';
import { Remotes } from './invoked-functions';
import { deadLetterName } from './names';

export interface ProcessorProps {
  readonly settings: Settings;
  readonly handler: AsyncHandler;
  readonly handlers: Handlers;
  readonly stores: Stores;
  readonly webSocket: StreamerWebSocketApi;
  /** Physical name of the queue, from which the dispatcher derives its URL. */
  readonly queueName: string;
}

/** The maximum that SQS allows. */
const MAX_RECEIVE_COUNT = 1_000;

/** Runs one async handler: its function, role, log group, queue and dead-letter queue. */
export class Processor extends Construct {
  public readonly function: StreamerFunction;
  public readonly queue: Queue;
  public readonly deadLetterQueue: Queue;
  public readonly queueNames: QueueNames;
  /** The user's function that runs the action; undefined if the handler is a module. */
  public readonly remote?: InvokedFunction;

  public constructor(scope: Construct, id: string, props: ProcessorProps) {
    super(scope, id);
    this.queueNames = { queue: props.queueName, deadLetterQueue: deadLetterName(props.queueName) };
    this.function = this.createFunction(props);
    this.deadLetterQueue = createQueue(this, 'DeadLetters', props.settings, {
      queueName: this.queueNames.deadLetterQueue,
    });
    this.queue = this.createQueue(props);
    this.describeQueues(props.handler.action);
    consume(this, 1, props.handler.definition.maxConcurrency);
    this.function.addEnvironment(ENV.queueUrl, this.queue.queueUrl);
    this.grant(props);
    this.remote = this.admit(props.handler);
  }

  private createFunction({ settings, handler, handlers }: ProcessorProps): StreamerFunction {
    const { definition, action } = handler;
    const own: HandlerFunctionOptions = definition.runs === 'own' ? definition : {};
    return new StreamerFunction(this, 'Function', {
      settings,
      description: `Streamer: runs ${action}`,
      code: handlers.code(processorName(handler)),
      timeout: functionTimeout(definition.timeout),
      memorySize: definition.memorySize,
      maxConcurrency: definition.maxConcurrency,
      options: own,
      environment: {
        ...own.environment,
        [ENV.retentionSeconds]: String(settings.retention.toSeconds()),
        [ENV.limits]: Stack.of(this).toJsonString(settings.limits satisfies EnvJson['limits']),
      },
      // Retries form a loop of processor, table, stream, dispatcher and queue. Lambda's loop detection is documented for queues, not for
      // DynamoDB; if it detected this loop, it would stop the 16th round.
      recursiveLoop: RecursiveLoop.ALLOW,
      invokedBy: 'Its queue invokes it, and has a dead-letter queue',
    });
  }

  /** A standard queue: message groups (one a tenant) make it a fair one. */
  private createQueue({ settings, handler: { definition } }: ProcessorProps): Queue {
    return createQueue(this, 'Queue', settings, {
      queueName: this.queueNames.queue,
      // six times the function's timeout, as Lambda asks for; a claim shortens its own message's to the lease
      visibilityTimeout: Duration.seconds(6 * functionTimeout(definition.timeout).toSeconds()),
      // Attempts are counted on the request, and its end sends one dead letter. SQS also counts receives that Lambda throttled: the maximum
      // that SQS allows keeps a message that never ran in the queue.
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
  }

  /** Records the action of the queues as metadata, for tools that show them. */
  private describeQueues(action: string): void {
    for (const queue of [this.queue, this.deadLetterQueue]) {
      const resource = queue.node.defaultChild as CfnResource;
      const metadata: MetadataValues['queue'] = { action, deadLetters: queue === this.deadLetterQueue };
      resource.addMetadata(METADATA.queue, metadata);
    }
  }

  /** What the handler itself may do: what its options say, or invoking the function that it is. */
  private admit({ action, definition }: AsyncHandler): InvokedFunction | undefined {
    if (definition.runs === 'function') {
      const remotes = new Remotes(this.function);
      const functionName = remotes.add(action, definition.fn);
      remotes.settle();
      return { functionName, timeoutMs: definition.timeout.toMilliseconds() };
    }
    for (const statement of definition.initialPolicy ?? []) this.function.addToRolePolicy(statement);
    return undefined;
  }

  private grant({ stores, webSocket, handler }: ProcessorProps): void {
    stores.connections.grantDeliver(this.function);
    stores.requests.grantTransitions(this.function);
    if (handler.definition.serial) stores.requests.grantClaimAlone(this.function);
    stores.subscriptions.grantDeliver(this.function);
    stores.events.grantWrite(this.function);
    webSocket.grantPost(this.function);
  }
}

function functionTimeout(handlerTimeout: Duration): Duration {
  const seconds = Math.ceil((handlerTimeout.toMilliseconds() + BOUNDS.writeMarginMs) / 1000);
  return Duration.seconds(Math.min(seconds, BOUNDS.functionTimeoutMs / 1000));
}
