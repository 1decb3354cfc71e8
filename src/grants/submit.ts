import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV } from '../contract';
import { tellFunction } from './environment';

/** Lets the grantee invoke the submit function, and tells it where that is where it is a function itself. */
export function grantSubmit(submitFunction: IFunction, grantee: IGrantable): Grant {
  // the ARN, which says the region too
  tellFunction(grantee, ENV.submitFunction, submitFunction.functionArn);
  return submitFunction.grantInvokeLatestVersion(grantee);
}
