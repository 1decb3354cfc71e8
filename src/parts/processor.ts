import { Duration, Stack } from 'aws-cdk-lib';
import { RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV } from '../contract';
import type { HandlerFunctionOptions } from '../options/streamer-handler-function-options';
import type { Bundles } from '../private/bundling';
import { type AsyncHandler, actionsSettings } from '../private/definitions';
import { processorName } from '../private/handler-bundles';
import { consume, createQueue } from '../private/queue';
import { grantRemotes } from '../private/remote';
import type { Settings } from '../private/settings';
import { StreamerFunction } from '../private/streamer-function';
import type { Stores } from '../stores';
import type { StreamerWebSocketApi } from './websocket-api';

export interface ProcessorProps {
  readonly settings: Settings;
  readonly handler: AsyncHandler;
  readonly bundles: Bundles;
  readonly stores: Stores;
  readonly webSocket: StreamerWebSocketApi;
}

/** Lambda's own limit. */
const MAX_FUNCTION_TIMEOUT = Duration.minutes(15);

/** Time beyond the handler's, in which the runtime writes how the attempt ended: its margin before the function's own timeout. */
const OVERHEAD = Duration.seconds(5);

/** Runs one async handler: its function, role, log group, queue and dead-letter queue. */
export class Processor extends Construct {
  public readonly function: StreamerFunction;
  public readonly queue: Queue;
  public readonly deadLetterQueue: Queue;

  public constructor(scope: Construct, id: string, props: ProcessorProps) {
    super(scope, id);
    this.function = this.createFunction(props);
    this.deadLetterQueue = createQueue(this, 'DeadLetters', props.settings);
    this.queue = this.createQueue(props);
    consume(this, 1, props.handler.definition.maxConcurrency);
    this.function.addEnvironment(ENV.queueUrl, this.queue.queueUrl);
    this.grant(props);
    this.admit(props.handler);
  }

  private createFunction({ settings, handler, bundles }: ProcessorProps): StreamerFunction {
    const { definition, action } = handler;
    const own: HandlerFunctionOptions = definition.runs === 'own' ? definition : {};
    return new StreamerFunction(this, 'Function', {
      settings,
      description: `Streamer: runs ${action}`,
      code: bundles.code(processorName(handler)),
      timeout: functionTimeout(definition.timeout),
      memorySize: definition.memorySize,
      maxConcurrency: definition.maxConcurrency,
      options: own,
      environment: {
        ...own.environment,
        [ENV.actions]: Stack.of(this).toJsonString(actionsSettings([handler])),
        [ENV.retentionSeconds]: String(settings.retention.toSeconds()),
        [ENV.limits]: Stack.of(this).toJsonString(settings.limits),
      },
      // a retry goes table, stream, dispatcher, queue, processor: Lambda would stop the 16th round
      recursiveLoop: RecursiveLoop.ALLOW,
      invokedBy: 'Its queue invokes it, and has a dead-letter queue',
    });
  }

  /** A standard queue: message groups (one a tenant) make it a fair one. */
  private createQueue({ settings, handler: { definition } }: ProcessorProps): Queue {
    return createQueue(this, 'Queue', settings, {
      // six times the function's timeout, as Lambda asks for; a claim shortens its own message's to the lease
      visibilityTimeout: Duration.seconds(6 * functionTimeout(definition.timeout).toSeconds()),
      // Attempts are counted on the request. This is the backstop for messages that never reach a claim.
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: definition.maxAttempts + 5 },
    });
  }

  /** What the handler itself may do: what its options say, or invoking the function that it is. */
  private admit({ action, definition }: AsyncHandler): void {
    if (definition.runs === 'function') {
      grantRemotes(this.function, [{ action, fn: definition.fn, timeout: definition.timeout }]);
      return;
    }
    for (const statement of definition.initialPolicy ?? []) this.function.addToRolePolicy(statement);
  }

  private grant({ stores, webSocket }: ProcessorProps): void {
    stores.connections.grantDeliver(this.function);
    stores.requests.grantTransitions(this.function);
    stores.subscriptions.grantDeliver(this.function);
    stores.events.grantWrite(this.function);
    webSocket.grantPost(this.function);
  }
}

function functionTimeout(handlerTimeout: Duration): Duration {
  const seconds = Math.ceil(handlerTimeout.toSeconds({ integral: false })) + OVERHEAD.toSeconds();
  return Duration.seconds(Math.min(seconds, MAX_FUNCTION_TIMEOUT.toSeconds()));
}
