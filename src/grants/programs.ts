import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ENV } from '../contract';
import { StreamerAction } from '../streamer-action';
import { grantSendTo } from './encryption';

/** Lets the grantee invoke the submit function, and tells it where that is where it is a function itself. */
export function grantSubmit(submitFunction: IFunction, grantee: IGrantable): Grant {
  // the ARN, which says the region too
  tellFunction(grantee, ENV.submitFunction, submitFunction.functionArn);
  return submitFunction.grantInvokeLatestVersion(grantee);
}

/** Where an API's messages for topics go. */
export interface PublishTarget {
  readonly queue: IQueue;
  /** Key that the queue is encrypted with, if it is one of the user's. */
  readonly encryptionKey?: IKey;
}

/** Lets the grantee send to the queue of topics, and tells it where that is where it is a function itself. */
export function grantPublish(scope: Construct, { queue, encryptionKey }: PublishTarget, grantee: IGrantable): Grant {
  tellFunction(grantee, ENV.publishQueue, queue.queueUrl);
  return grantSendTo(scope, grantee, { encryptionKey }, queue);
}

/** Gives the grantee an environment variable, where it is a function or an action's. */
function tellFunction(grantee: IGrantable, name: string, value: string): void {
  const target = grantee instanceof StreamerAction ? grantee.function : grantee;
  if (takesEnvironment(target)) target.addEnvironment(name, value);
}

/** An imported function has an environment, too, but not one that can be added to. */
function takesEnvironment(target: object): target is LambdaFunction {
  return typeof (target as Partial<LambdaFunction>).addEnvironment === 'function';
}
