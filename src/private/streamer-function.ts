import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge';

export interface StreamerFunctionProps {
  readonly description: string;
  readonly code: lambda.Code;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly logRetention: RetentionDays;
  readonly environment?: { [name: string]: string };
  readonly recursiveLoop?: lambda.RecursiveLoop;
  /** What invokes it: said where a rule asks for a dead-letter queue. */
  readonly invokedBy: string;
}

/** A function as all of ours are: newest Node.js on arm64, a role that begins with nothing but its own log group. */
export class StreamerFunction extends lambda.Function {
  public constructor(scope: Construct, id: string, props: StreamerFunctionProps) {
    const { invokedBy, logRetention, ...rest } = props;
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // without AWSLambdaBasicExecutionRole, which may write to every log group of the account
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      ...rest,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      loggingFormat: lambda.LoggingFormat.JSON,
      role,
      logGroup,
    });
    acknowledge(this, {
      'Serverless-LambdaDLQ': `${invokedBy}; a dead-letter queue of the function is for asynchronous invocations`,
      'Serverless-LambdaTracing': 'Requests carry their own trace id; X-Ray is a cost that the user chooses',
    });
  }
}
