import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { ENV } from '../contract';
import type { Notifier } from '../parts/notifier';
import { reject } from './errors';
import { tellFunction } from './tell-function';

/** Lets the grantee send to the queue of topics, and tells it where that is where it is a function itself. */
export function grantPublish(notifier: Notifier | undefined, grantee: IGrantable): Grant {
  if (!notifier) {
    const mend = "Say which topics users may subscribe to: `topics: { 'news/*': StreamerTopic.readOnly() }`";
    reject('grantPublish', 'be called on an API with `topics`', 'one without', mend);
  }
  tellFunction(grantee, ENV.publishQueue, notifier.queue.queueUrl);
  return notifier.grantPublish(grantee);
}
