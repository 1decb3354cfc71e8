import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { StreamerAction } from '../streamer-action';

/** Gives the grantee an environment variable, where it is a function or an action's. */
export function tellFunction(grantee: IGrantable, name: string, value: string): void {
  const target = grantee instanceof StreamerAction ? grantee.function : grantee;
  if (takesEnvironment(target)) target.addEnvironment(name, value);
}

/** An imported function has an environment, too, but not one that can be added to. */
function takesEnvironment(target: object): target is LambdaFunction {
  return typeof (target as Partial<LambdaFunction>).addEnvironment === 'function';
}
