import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';

/** A `StreamerApi`, of this app or of another one. */
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
   * Function that takes requests without a connection, from a schedule, a state machine or a program, and says how they stand. It is created when it is
   * first asked for, here or by `grantSubmit`; for an API of another app it needs `submitFunctionArn`.
   */
  readonly submitFunction: IFunction;

  /**
   * Lets a function, a role or whatever has one submit requests for any user of any tenant, and read how they stand. A function gets the environment
   * variable `STREAMER_SUBMIT_FUNCTION`, by which `cdk-streamer-client/server` finds the submit function.
   *
   * @param grantee a function, `api.handler('…')`, or anything else with a role
   */
  grantSubmit(grantee: IGrantable): Grant;

  /**
   * Lets a function, a role or whatever has one publish to any topic of any tenant. A function gets the environment variable `STREAMER_PUBLISH_QUEUE`, by
   * which `cdk-streamer-client/server` finds the queue. The API must have `topics`; one of another app needs `publishQueueArn`.
   *
   * @param grantee a function, `api.handler('…')`, or anything else with a role
   */
  grantPublish(grantee: IGrantable): Grant;

  /** A metric of API Gateway by its name: `AWS/ApiGateway`, of this API and stage. */
  metric(metricName: string, props?: MetricOptions): Metric;

  /** Connections that were opened: their sum, over 5 minutes unless said otherwise. */
  metricConnects(props?: MetricOptions): Metric;

  /** Messages from and to clients: their sum, over 5 minutes unless said otherwise. */
  metricMessages(props?: MetricOptions): Metric;

  /** Frames and connections that were refused before they reached a function, by throttling among others: their sum, over 5 minutes unless said otherwise. */
  metricClientErrors(props?: MetricOptions): Metric;

  /** Failures of the functions behind the API: their sum, over 5 minutes unless said otherwise. */
  metricIntegrationErrors(props?: MetricOptions): Metric;

  /** Failures of API Gateway to call the functions: their sum, over 5 minutes unless said otherwise. */
  metricExecutionErrors(props?: MetricOptions): Metric;

  /** Milliseconds between a frame and the function's answer: the average, over 5 minutes unless said otherwise. */
  metricIntegrationLatency(props?: MetricOptions): Metric;
}

/** What is known of a `StreamerApi` that this app does not create. */
export interface StreamerApiAttributes {
  /** Id of the API in API Gateway. */
  readonly apiId: string;

  /**
   * Name of its stage.
   *
   * @default 'v1'
   */
  readonly stageName?: string;

  /**
   * Region that it is in.
   *
   * @default - that of the stack
   */
  readonly region?: string;

  /**
   * Address that clients connect to, where it has a domain of its own.
   *
   * @default - `wss://<api id>.execute-api.<region>.amazonaws.com/<stage>`
   */
  readonly url?: string;

  /**
   * Address of the `@connections` API, where the default endpoint is disabled.
   *
   * @default - `https://<api id>.execute-api.<region>.amazonaws.com/<stage>`
   */
  readonly callbackUrl?: string;

  /**
   * ARN of its `submitFunction`.
   *
   * @default - none: requests cannot be submitted from this app
   */
  readonly submitFunctionArn?: string;

  /**
   * ARN of its `topics.queue`.
   *
   * @default - none: nothing can be published from this app
   */
  readonly publishQueueArn?: string;

  /**
   * The API's `encryptionKey`: who publishes must be allowed to use it.
   *
   * @default - none: the queue is encrypted with a key of SQS
   */
  readonly encryptionKey?: IKey;
}

/** Functions of a `StreamerApi`, beside those of its handlers. */
export interface StreamerFunctions {
  /** Asked at each handshake who it is: of the library, or yours with `StreamerAuth.custom`. */
  readonly authorizer: IFunction;

  /** Answers every frame and runs the sync handlers. */
  readonly router: IFunction;

  /** Sends pending requests to their queues. */
  readonly dispatcher: IFunction;

  /** Finds, every minute, what is due. */
  readonly sweeper: IFunction;

  /**
   * Tells of requests that ended.
   *
   * @default - none without `eventBus` and `webhook`
   */
  readonly announcer?: IFunction;

  /**
   * Writes topics and tells their subscribers.
   *
   * @default - none without `topics`
   */
  readonly notifier?: IFunction;

  /**
   * Posts webhooks.
   *
   * @default - none without `webhook`
   */
  readonly webhook?: IFunction;
}

/** Resources of a `StreamerApi` for its topics. */
export interface StreamerTopicResources {
  /** FIFO queue that published messages pass through. */
  readonly queue: IQueue;

  /** Queue for messages that could not be published. */
  readonly deadLetterQueue: IQueue;
}

/** Resources of a `StreamerApi` for its webhook. */
export interface StreamerWebhookResources {
  /** Secret that webhooks are signed with. Their receiver needs it. */
  readonly secret: ISecret;

  /** Queue for webhooks that were not accepted after all attempts. */
  readonly deadLetterQueue: IQueue;
}
