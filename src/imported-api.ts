import { Stack } from 'aws-cdk-lib';
import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { PublishTarget } from './grants/publish';
import { StreamerApiBase } from './streamer-api-base';
import type { StreamerApiAttributes } from './streamer-api-interface';
import { reject } from './validation/errors';
import { refuseUnknownProps } from './validation/known-props';
import { validateKey, validateObject, validatePattern, validateText } from './validation/rules';

/** An API that another app creates. */
export class ImportedStreamerApi extends StreamerApiBase {
  public readonly apiId: string;
  public readonly stageName: string;
  public readonly url: string;
  public readonly callbackUrl: string;
  /** @internal */
  protected override readonly _metricsRegion?: string;
  private imported?: IFunction;
  private queue?: IQueue;

  public constructor(
    scope: Construct,
    id: string,
    private readonly attributes: StreamerApiAttributes,
  ) {
    super(scope, id);
    validateObject('attributes', attributes, 'be an object with `apiId`');
    refuseUnknownProps('attributes', '', attributes);
    validate(attributes);
    const { region, urlSuffix } = Stack.of(this);
    const { apiId, stageName = 'v1' } = attributes;
    const endpoint = `${apiId}.execute-api.${attributes.region ?? region}.${urlSuffix}/${stageName}`;
    this.apiId = apiId;
    this.stageName = stageName;
    this.url = attributes.url ?? `wss://${endpoint}`;
    this.callbackUrl = attributes.callbackUrl ?? `https://${endpoint}`;
    this._metricsRegion = attributes.region;
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
      reject('publishQueueArn', 'be given to publish', undefined, 'Export `api.publishQueue.queueArn`');
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
