import { Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { grantPublish, grantSubmit, type PublishTarget } from './grants/programs';
import { importSubmitFunction } from './grants/submit-function';
import { type ResolvedAttributes, resolveAttributes } from './resolve-settings';
import type { IStreamerApi, StreamerApiAttributes } from './streamer-api-interface';
import { reject } from './validation/errors';
import {
  type PropNames,
  refuseUnknownProps,
  TEXT,
  validateGiven,
  validateKey,
  validateObject,
  validatePattern,
  validateText,
} from './validation/rules';

/**
 * Members that an API of this app and an imported API have in common.
 *
 * @internal
 */
export abstract class StreamerApiBase extends Construct implements IStreamerApi {
  public abstract readonly url: string;
  public abstract readonly callbackUrl: string;
  public abstract readonly apiId: string;
  public abstract readonly stageName: string;
  public abstract readonly submitFunction: IFunction;
  /**
   * Region of the API's metrics, if it differs from the stack's region.
   *
   * @internal
   */
  protected readonly _metricsRegion?: string;

  /**
   * Grants permission to submit requests for any user of any tenant, and to read their status. A Lambda function also gets the environment
   * variable `STREAMER_SUBMIT_FUNCTION`, which `cdk-streamer-client/server` reads to find the submit function.
   *
   * @param grantee a function, `api.handler('…')`, or any other construct with a role
   */
  public grantSubmit(grantee: IGrantable): Grant {
    return grantSubmit(this.submitFunction, grantee);
  }

  /**
   * Grants permission to publish to any topic of any tenant. A Lambda function also gets the environment variable `STREAMER_PUBLISH_QUEUE`,
   * which `cdk-streamer-client/server` reads to find the queue. The API must have `topics`.
   *
   * @param grantee a function, `api.handler('…')`, or any other construct with a role
   */
  public grantPublish(grantee: IGrantable): Grant {
    return grantPublish(this, this._publishTarget(), grantee);
  }

  /**
   * The queue of topics and its key. Throws if the API has no topics.
   *
   * @internal
   */
  protected abstract _publishTarget(): PublishTarget;

  /** A metric of API Gateway for this API and stage, by its name in the namespace `AWS/ApiGateway`. */
  public metric(metricName: string, props: MetricOptions = {}): Metric {
    return new Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensionsMap: { ApiId: this.apiId, Stage: this.stageName },
      region: this._metricsRegion,
      ...props,
    }).attachTo(this);
  }

  /** Number of connections that were opened. By default, the sum over 5 minutes. */
  public metricConnects(props: MetricOptions = {}): Metric {
    return this.count('ConnectCount', props);
  }

  /** Number of messages from and to clients. By default, the sum over 5 minutes. */
  public metricMessages(props: MetricOptions = {}): Metric {
    return this.count('MessageCount', props);
  }

  /**
   * Number of frames and connections that were refused before they reached a function, for example by throttling. By default, the sum over 5 minutes.
   */
  public metricClientErrors(props: MetricOptions = {}): Metric {
    return this.count('ClientError', props);
  }

  /** Number of times that the functions behind the API failed. By default, the sum over 5 minutes. */
  public metricIntegrationErrors(props: MetricOptions = {}): Metric {
    return this.count('IntegrationError', props);
  }

  /** Number of times that API Gateway could not invoke a function. By default, the sum over 5 minutes. */
  public metricExecutionErrors(props: MetricOptions = {}): Metric {
    return this.count('ExecutionError', props);
  }

  /** Milliseconds between a frame and the function's answer. By default, the average over 5 minutes. */
  public metricIntegrationLatency(props: MetricOptions = {}): Metric {
    return this.metric('IntegrationLatency', props);
  }

  private count(metricName: string, props: MetricOptions): Metric {
    return this.metric(metricName, { statistic: Stats.SUM, ...props });
  }
}

const ATTRIBUTES: PropNames<StreamerApiAttributes> = {
  apiId: true,
  stageName: true,
  region: true,
  url: true,
  callbackUrl: true,
  submitFunctionArn: true,
  publishQueueArn: true,
  encryptionKey: true,
};

/** An API that another app creates. */
export class ImportedStreamerApi extends StreamerApiBase {
  public readonly apiId: string;
  public readonly stageName: string;
  public readonly url: string;
  public readonly callbackUrl: string;
  /** @internal */
  protected override readonly _metricsRegion?: string;
  private readonly attributes: ResolvedAttributes;
  private imported?: IFunction;
  private queue?: IQueue;

  public constructor(scope: Construct, id: string, attributes: StreamerApiAttributes) {
    super(scope, id);
    validateObject('attributes', attributes, 'be an object with `apiId`');
    refuseUnknownProps(ATTRIBUTES, '', attributes);
    validate(attributes);
    this.attributes = resolveAttributes(this, attributes);
    this.apiId = this.attributes.apiId;
    this.stageName = this.attributes.stageName;
    this.url = this.attributes.url;
    this.callbackUrl = this.attributes.callbackUrl;
    this._metricsRegion = this.attributes.region;
  }

  public get submitFunction(): IFunction {
    const functionArn =
      this.attributes.submitFunctionArn ??
      reject('submitFunctionArn', 'be set to submit requests', undefined, 'Export `api.submitFunction.functionArn`');
    this.imported ??= importSubmitFunction(this, 'SubmitFunction', functionArn);
    return this.imported;
  }

  /** @internal */
  protected override _publishTarget(): PublishTarget {
    const { publishQueueArn, encryptionKey } = this.attributes;
    const queueArn =
      publishQueueArn ??
      reject('publishQueueArn', 'be set to publish', undefined, 'Export `api.topics.queue.queueArn`');
    this.queue ??= Queue.fromQueueAttributes(this, 'PublishQueue', { queueArn, fifo: true });
    return { queue: this.queue, encryptionKey };
  }
}

function validate(attributes: StreamerApiAttributes): void {
  const { apiId, stageName, region, url, callbackUrl, submitFunctionArn, publishQueueArn, encryptionKey } = attributes;
  validateGiven('apiId', apiId, TEXT);
  validateText('apiId', apiId);
  validateText('stageName', stageName);
  validateText('region', region);
  validatePattern('url', url, /^wss:\/\/\S+$/, "be an address such as 'wss://api.example.com'");
  validatePattern('callbackUrl', callbackUrl, /^https:\/\/\S+$/, "be an address such as 'https://api.example.com'");
  validatePattern(
    'submitFunctionArn',
    submitFunctionArn,
    /^arn:[^:]+:lambda:[^:]*:[^:]*:function:./,
    'be the ARN of a function',
  );
  validatePattern('publishQueueArn', publishQueueArn, /^arn:[^:]+:sqs:.*\.fifo$/, 'be the ARN of a FIFO queue');
  validateKey('encryptionKey', encryptionKey);
}
