import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ENV } from '../contract';
import { StreamerAction } from '../streamer-action';
import { reject } from '../validation/errors';
import { isAbsent } from '../validation/rules';
import { grantSendTo } from './encryption';
import { grantInvocation } from './submit-function';

/** Grants permission to invoke the submit function. If the grantee is a Lambda function, also sets its variable `STREAMER_SUBMIT_FUNCTION`. */
export function grantSubmit(submitFunction: IFunction, grantee: IGrantable): Grant {
  validateGrantee('grantSubmit', grantee);
  // the ARN is passed instead of the name, because the ARN contains the region
  passToFunction(grantee, ENV.submitFunction, submitFunction.functionArn);
  return grantInvocation(submitFunction, grantee);
}

/** The queue of an API's topics, and the queue's key. */
export interface PublishTarget {
  readonly queue: IQueue;
  /** Customer managed key that encrypts the queue; undefined if a key of AWS encrypts it. */
  readonly encryptionKey?: IKey;
}

/** Allows a grantee to send to the queue of topics. If the grantee is a Lambda function, also sets its variable `STREAMER_PUBLISH_QUEUE`. */
export function grantPublish(scope: Construct, { queue, encryptionKey }: PublishTarget, grantee: IGrantable): Grant {
  validateGrantee('grantPublish', grantee);
  passToFunction(grantee, ENV.publishQueue, queue.queueUrl);
  return grantSendTo(scope, grantee, { encryptionKey }, queue);
}

/** Refuses a value without a principal, such as the name of an action. */
function validateGrantee(method: string, grantee: IGrantable | undefined): void {
  if (!isAbsent(grantee?.grantPrincipal)) return;
  const remedy = `For example \`api.${method}(fn)\`, or \`api.${method}(api.handler('generate_report'))\` for an action`;
  reject(method, 'be called with a function, a role or another construct with a role', grantee, remedy);
}

/** Sets an environment variable of the grantee, if it is a function or a `StreamerAction` with a function. */
function passToFunction(grantee: IGrantable, name: string, value: string): void {
  const target = grantee instanceof StreamerAction ? grantee.function : grantee;
  if (takesEnvironment(target)) target.addEnvironment(name, value);
}

/** Whether environment variables can be added to the object. They cannot be added to an imported function. */
function takesEnvironment(target: object): target is LambdaFunction {
  return typeof (target as Partial<LambdaFunction>).addEnvironment === 'function';
}
