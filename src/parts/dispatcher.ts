import { Annotations, Duration, Stack } from 'aws-cdk-lib';
import { FilterCriteria, FilterRule, RecursiveLoop, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { ENV, OUTBOX_STATUSES } from '../contract';
import { grantSend } from '../private/encryption';
import { builtFunction } from '../private/package-files';
import { createFailureQueue, FailureDestination } from '../private/queue';
import type { Settings } from '../private/settings';
import { StreamerFunction } from '../private/streamer-function';
import type { Stores } from '../stores';
import type { Processor } from './processor';
import type { StreamerWebSocketApi } from './websocket-api';

export interface DispatcherProps {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly webSocket: StreamerWebSocketApi;
  readonly processors: ReadonlyMap<string, Processor>;
}

/** Actions whose queue URLs fit into 4 KB in any case: two of at most 136 characters each, and the action's name. */
const SAFE_ACTIONS = 9;

/** Hears of requests on their table's stream: sends what is pending to its queue, logs what has ended. */
export class Dispatcher extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, props: DispatcherProps) {
    super(scope, id);
    this.function = new StreamerFunction(this, 'Function', {
      description: 'Streamer: sends pending requests to their queues',
      code: builtFunction('dispatcher'),
      timeout: Duration.minutes(1),
      memorySize: 512,
      settings: props.settings,
      environment: { [ENV.retentionSeconds]: String(props.settings.retention.toSeconds()) },
      // a retry goes table, stream, dispatcher, queue, processor: Lambda would stop the 16th round
      recursiveLoop: RecursiveLoop.ALLOW,
      invokedBy: 'A stream invokes it, with an on-failure destination',
    });
    this.readStream(props);
    this.grantQueues(props);
    this.grant(props);
  }

  private readStream({ settings, stores }: DispatcherProps): void {
    this.function.addEventSource(
      new DynamoEventSource(stores.requests.table, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        filters: [OUTBOX_FILTER],
        batchSize: 100,
        parallelizationFactor: 2,
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        // bounded, or one bad record would hold its shard for a day; the sweeper finds what is given up here
        retryAttempts: 10,
        maxRecordAge: Duration.hours(1),
        onFailure: new FailureDestination(createFailureQueue(this, settings), settings),
      }),
    );
  }

  private grantQueues({ settings, processors }: DispatcherProps): void {
    grantSend(
      this.function,
      settings,
      [...processors.values()].flatMap((each) => [each.queue, each.deadLetterQueue]),
    );
    if (processors.size > SAFE_ACTIONS) this.warnOfEnvironment(processors.size);
    this.function.addEnvironment(ENV.queues, Stack.of(this).toJsonString(queueUrls(processors)));
  }

  private warnOfEnvironment(count: number): void {
    Annotations.of(this).addWarningV2(
      'cdk-streamer:dispatcherEnvironment',
      `The queues of ${count} async handlers may not fit into the 4 KB that Lambda allows a function's environment, and the deployment would fail: above ${SAFE_ACTIONS}, spread them over two APIs`,
    );
  }

  private grant({ stores, webSocket }: DispatcherProps): void {
    stores.connections.grantDeliver(this.function);
    stores.requests.grantTransitions(this.function);
    stores.subscriptions.grantDeliver(this.function);
    stores.events.grantAppend(this.function);
    webSocket.grantPost(this.function);
  }
}

const OUTBOX_FILTER = FilterCriteria.filter({
  eventName: FilterRule.or('INSERT', 'MODIFY'),
  dynamodb: { NewImage: { status: { S: FilterRule.or(...OUTBOX_STATUSES) } } },
});

function queueUrls(processors: ReadonlyMap<string, Processor>): { [action: string]: object } {
  return Object.fromEntries(
    [...processors].map(([action, { queue, deadLetterQueue }]) => [
      action,
      { queueUrl: queue.queueUrl, deadLetterQueueUrl: deadLetterQueue.queueUrl },
    ]),
  );
}
