import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { FilterCriteria, FilterRule, RecursiveLoop, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { DISPATCHER } from '../bundling/handler-bundles';
import { ENV, OUTBOX_STATUSES } from '../contract';
import { grantKeyOfQueues } from '../grants/encryption';
import type { Handlers } from '../handlers/handlers';
import { acknowledgeNamed, namedArn } from '../handlers/invoked-functions';
import type { Settings } from '../settings';
import type { Stores } from '../stores/stores';
import { createFailureQueue, FailureDestination } from './queue';
import { StreamerFunction } from './streamer-function';
import type { StreamerWebSocketApi } from './websocket-api';

interface DispatcherProps {
  readonly settings: Settings;
  readonly handlers: Handlers;
  readonly stores: Stores;
  readonly webSocket: StreamerWebSocketApi;
}

/**
 * Reads requests from the stream of the requests table. It sends pending requests to their queues, and appends the terminal entries of requests that
 * ended.
 */
export class Dispatcher extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, props: DispatcherProps) {
    super(scope, id);
    const { settings, handlers } = props;
    this.function = new StreamerFunction(this, 'Function', {
      description: 'Streamer: sends pending requests to their queues',
      code: handlers.code(DISPATCHER),
      timeout: Duration.minutes(1),
      memorySize: 512,
      settings,
      environment: { [ENV.retentionSeconds]: String(settings.retention.toSeconds()) },
      // Retries form a loop of processor, table, stream, dispatcher and queue. The documentation of Lambda's loop detection covers queues, but not
      // DynamoDB. If Lambda detected this loop, it would stop the loop after 16 rounds.
      recursiveLoop: RecursiveLoop.ALLOW,
      invokedBy: 'A stream invokes it, with an on-failure destination',
    });
    this.readStream(props);
    this.grantQueues(settings);
    this.grant(props);
  }

  private readStream({ settings, stores }: DispatcherProps): void {
    const failures = createFailureQueue(this, settings);
    this.function.addEnvironment(ENV.failuresQueueUrl, failures.queueUrl);
    this.function.addEventSource(
      new DynamoEventSource(stores.requests.table, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        filters: [OUTBOX_FILTER],
        batchSize: 100,
        parallelizationFactor: 2,
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        // The limit prevents one bad record from blocking its shard for a day. The sweeper finds requests that are dropped here.
        retryAttempts: 10,
        maxRecordAge: Duration.hours(1),
        onFailure: new FailureDestination(failures, settings),
      }),
    );
  }

  /** Allows sending to the queues of all actions, by the prefix that their names share. */
  private grantQueues(settings: Settings): void {
    const arn = namedArn(this.function, 'sqs', settings.namePrefix);
    this.function.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [arn] }));
    acknowledgeNamed(this.function, arn);
    grantKeyOfQueues(this.function, settings);
  }

  private grant({ stores, webSocket }: DispatcherProps): void {
    stores.connections.grantDeliver(this.function);
    stores.requests.grantTransitions(this.function);
    stores.subscriptions.grantDeliver(this.function);
    stores.events.grantAppend(this.function);
    stores.events.grantLines(this.function);
    stores.payloads?.grantDownload(this.function);
    webSocket.grantPost(this.function);
  }
}

const OUTBOX_FILTER = FilterCriteria.filter({
  eventName: FilterRule.or('INSERT', 'MODIFY'),
  dynamodb: { NewImage: { status: { S: FilterRule.or(...OUTBOX_STATUSES) } } },
});
