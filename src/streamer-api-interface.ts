import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable, IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';

/** A `StreamerApi` that this app or another app creates. */
export interface IStreamerApi extends IConstruct {
  /** Address that clients connect to: `wss://…`. */
  readonly url: string;

  /** Address of the `@connections` API: `https://…`. */
  readonly callbackUrl: string;

  /** Id of the API in API Gateway. */
  readonly apiId: string;

  /** Name of the API's stage. */
  readonly stageName: string;

  /**
   * Function that accepts requests without a connection, from a schedule, a state machine or a program, and returns their status. The first use of
   * this property or of `grantSubmit` creates the function. An API of another app needs `submitFunctionArn`.
   */
  readonly submitFunction: IFunction;

  /**
   * Grants permission to submit requests for any user of any tenant, and to read their status. A Lambda function also gets the environment
   * variable `STREAMER_SUBMIT_FUNCTION`, which `cdk-streamer-client/server` reads to find the submit function.
   *
   * @param grantee a function, `api.handler('…')`, or any other construct with a role
   */
  grantSubmit(grantee: IGrantable): Grant;

  /**
   * Grants permission to publish to any topic of any tenant. A Lambda function also gets the environment variable `STREAMER_PUBLISH_QUEUE`,
   * which `cdk-streamer-client/server` reads to find the queue. The API must have `topics`; an API of another app needs `publishQueueArn`.
   *
   * @param grantee a function, `api.handler('…')`, or any other construct with a role
   */
  grantPublish(grantee: IGrantable): Grant;

  /** A metric of API Gateway for this API and stage, by its name in the namespace `AWS/ApiGateway`. */
  metric(metricName: string, props?: MetricOptions): Metric;

  /** Number of connections that were opened. By default, the sum over 5 minutes. */
  metricConnects(props?: MetricOptions): Metric;

  /** Number of messages from and to clients. By default, the sum over 5 minutes. */
  metricMessages(props?: MetricOptions): Metric;

  /**
   * Number of frames and connections that were refused before they reached a function, for example by throttling. By default, the sum over 5 minutes.
   */
  metricClientErrors(props?: MetricOptions): Metric;

  /** Number of times that the functions behind the API failed. By default, the sum over 5 minutes. */
  metricIntegrationErrors(props?: MetricOptions): Metric;

  /** Number of times that API Gateway could not invoke a function. By default, the sum over 5 minutes. */
  metricExecutionErrors(props?: MetricOptions): Metric;

  /** Milliseconds between a frame and the function's answer. By default, the average over 5 minutes. */
  metricIntegrationLatency(props?: MetricOptions): Metric;
}

/** Attributes of a `StreamerApi` that another app creates. */
export interface StreamerApiAttributes {
  /** Id of the API in API Gateway. */
  readonly apiId: string;

  /**
   * Name of the API's stage.
   *
   * @default 'v1'
   */
  readonly stageName?: string;

  /**
   * Region of the API.
   *
   * @default - the stack's region
   */
  readonly region?: string;

  /**
   * Address that clients connect to, if the API has a custom domain.
   *
   * @default - `wss://<api id>.execute-api.<region>.amazonaws.com/<stage>`
   */
  readonly url?: string;

  /**
   * Address of the `@connections` API, if the default endpoint is disabled.
   *
   * @default - `https://<api id>.execute-api.<region>.amazonaws.com/<stage>`
   */
  readonly callbackUrl?: string;

  /**
   * ARN of the API's `submitFunction`.
   *
   * @default - none: requests cannot be submitted from this app
   */
  readonly submitFunctionArn?: string;

  /**
   * ARN of the API's `topics.queue`.
   *
   * @default - none: messages cannot be published from this app
   */
  readonly publishQueueArn?: string;

  /**
   * The API's `encryptionKey`. Publishers need permission to use this key.
   *
   * @default - none: the queue is encrypted with a key that SQS owns
   */
  readonly encryptionKey?: IKey;
}

/** Functions of a `StreamerApi`, without those of its handlers. */
export interface StreamerFunctions {
  /** The `$connect` authorizer: the built-in one, or your function if `StreamerAuth.custom` is used. */
  readonly authorizer: IFunction;

  /** Function that answers every frame and runs the sync handlers. */
  readonly router: IFunction;

  /** Function that sends pending requests to their queues. */
  readonly dispatcher: IFunction;

  /** Function that finds requests that are due. It runs every minute. */
  readonly sweeper: IFunction;

  /**
   * Function that announces ended requests to the event bus and the webhook.
   *
   * @default - none without `eventBus` and `webhook`
   */
  readonly announcer?: IFunction;

  /**
   * Function that writes the messages of topics and sends them to the subscribers.
   *
   * @default - none without `topics`
   */
  readonly notifier?: IFunction;

  /**
   * Function that posts webhooks.
   *
   * @default - none without `webhook`
   */
  readonly webhook?: IFunction;
}

/** Resources of a `StreamerApi` for its topics. */
export interface StreamerTopicResources {
  /** FIFO queue with the messages to publish. */
  readonly queue: IQueue;

  /** Queue for messages that could not be published. */
  readonly deadLetterQueue: IQueue;
}

/** Resources of a `StreamerApi` for its webhook. */
export interface StreamerWebhookResources {
  /** Secret that signs webhooks. The receiver of the webhooks needs it to verify the signatures. */
  readonly secret: ISecret;

  /** Queue for webhooks that the receiver did not accept in any attempt. */
  readonly deadLetterQueue: IQueue;
}

/** Resources of a `StreamerApi` for the schedules of its actions. */
export interface StreamerScheduleResources {
  /** Role with which EventBridge Scheduler invokes the submit function. */
  readonly role: IRole;

  /** Dead-letter queue for the runs of schedules that could not be submitted. */
  readonly deadLetterQueue: IQueue;
}
