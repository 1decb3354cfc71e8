import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV } from '../contract';
import { StreamerAction } from '../streamer-action';

/** Lets the grantee invoke the submit function, and tells it where that is where it is a function itself. */
export function grantSubmit(submitFunction: IFunction, grantee: IGrantable): Grant {
  const target = grantee instanceof StreamerAction ? grantee.function : grantee;
  // the ARN, which says the region too
  if (takesEnvironment(target)) target.addEnvironment(ENV.submitFunction, submitFunction.functionArn);
  return submitFunction.grantInvokeLatestVersion(grantee);
}

/** An imported function has an environment, too, but not one that can be added to. */
function takesEnvironment(target: object): target is LambdaFunction {
  return typeof (target as Partial<LambdaFunction>).addEnvironment === 'function';
}
