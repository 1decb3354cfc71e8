import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { builtFunction } from '../bundling/package-files';
import { ENV, TERMINAL_STATUSES } from '../contract';
import { grantSend } from '../grants/encryption';
import type { Settings } from '../settings';
import type { Stores } from '../stores';
import { createFailureQueue, FailureDestination } from './queue';
import { StreamerFunction } from './streamer-function';
import type { Webhook } from './webhook';

export interface AnnouncerProps {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly eventBus?: IEventBus;
  readonly webhook?: Webhook;
}

/** Hears of requests that ended on their table's stream, and tells the event bus and the webhook's queue. */
export class Announcer extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, props: AnnouncerProps) {
    super(scope, id);
    this.function = new StreamerFunction(this, 'Function', {
      description: 'Streamer: tells of requests that ended',
      code: builtFunction('announcer'),
      timeout: Duration.minutes(1),
      memorySize: 512,
      settings: props.settings,
      invokedBy: 'A stream invokes it, with an on-failure destination',
    });
    this.readStream(props);
    if (props.eventBus) this.tellBus(props.eventBus);
    if (props.webhook) this.tellWebhook(props.settings, props.webhook);
  }

  private readStream({ settings, stores }: AnnouncerProps): void {
    this.function.addEventSource(
      new DynamoEventSource(stores.requests.table, {
        // LATEST may miss records whenever the mapping is updated
        startingPosition: StartingPosition.TRIM_HORIZON,
        filters: [ENDED_FILTER],
        batchSize: 100,
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        // nothing else finds what is given up here: longer than an outage of the bus, shorter than the stream's day
        maxRecordAge: Duration.hours(6),
        onFailure: new FailureDestination(createFailureQueue(this, settings), settings),
      }),
    );
  }

  private tellBus(eventBus: IEventBus): void {
    eventBus.grantPutEventsTo(this.function);
    this.function.addEnvironment(ENV.eventBus, eventBus.eventBusArn);
  }

  private tellWebhook(settings: Settings, { queue }: Webhook): void {
    grantSend(this.function, settings, [queue]);
    this.function.addEnvironment(ENV.webhookQueueUrl, queue.queueUrl);
  }
}

const ENDED_FILTER = FilterCriteria.filter({
  eventName: FilterRule.or('INSERT', 'MODIFY'),
  dynamodb: { NewImage: { status: { S: FilterRule.or(...TERMINAL_STATUSES) } } },
});
