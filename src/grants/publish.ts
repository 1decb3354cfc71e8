import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ENV } from '../contract';
import { grantSendTo } from './encryption';
import { tellFunction } from './environment';

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
