import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { PublishTarget } from './grants/publish';
import { type ResolvedAttributes, resolveAttributes } from './resolve-settings';
import { StreamerApiBase } from './streamer-api-base';
import type { StreamerApiAttributes } from './streamer-api-interface';
import { reject } from './validation/errors';
import { type PropNames, refuseUnknownProps } from './validation/known-props';
import { validateKey, validateObject, validatePattern, validateText } from './validation/rules';

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
      reject('submitFunctionArn', 'be given to submit requests', undefined, 'Export `api.submitFunction.functionArn`');
    this.imported ??= LambdaFunction.fromFunctionArn(this, 'SubmitFunction', functionArn);
    return this.imported;
  }

  /** @internal */
  protected override _publishTarget(): PublishTarget {
    const { publishQueueArn, encryptionKey } = this.attributes;
    const queueArn =
      publishQueueArn ??
      reject('publishQueueArn', 'be given to publish', undefined, 'Export `api.topics.queue.queueArn`');
    this.queue ??= Queue.fromQueueAttributes(this, 'PublishQueue', { queueArn, fifo: true });
    return { queue: this.queue, encryptionKey };
  }
}

function validate(attributes: StreamerApiAttributes): void {
  const { apiId, stageName, region, url, callbackUrl, submitFunctionArn, publishQueueArn, encryptionKey } = attributes;
  validateText('apiId', apiId ?? '');
  validateText('stageName', stageName);
  validateText('region', region);
  validatePattern('url', url, /^wss:\/\/\S+$/, "be an address such as 'wss://api.example.com'");
  validatePattern('callbackUrl', callbackUrl, /^https:\/\/\S+$/, "be an address such as 'https://api.example.com'");
  validatePattern('submitFunctionArn', submitFunctionArn, /^arn:/, 'be the ARN of a function');
  validatePattern('publishQueueArn', publishQueueArn, /^arn:.*\.fifo$/, 'be the ARN of a FIFO queue');
  validateKey('encryptionKey', encryptionKey);
}
