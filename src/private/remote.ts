import { Annotations, type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV } from '../contract';

/** A function that does an action's work for another one. */
export interface Remote {
  readonly action: string;
  readonly fn: IFunction;
  /** Time that one call may take. */
  readonly timeout: Duration;
}

/** Remotes whose ARNs fit into the environment in any case, beside the rest that is in it. */
const SAFE_REMOTES = 12;

/** Invoking these functions, and no others, with what is needed to find them. */
export function grantRemotes(invoker: LambdaFunction, remotes: readonly Remote[]): void {
  if (remotes.length === 0) return;
  invoker.addToRolePolicy(
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: remotes.map(({ fn }) => fn.functionArn),
    }),
  );
  const settings = remotes.map(({ action, fn, timeout }) => [
    action,
    { functionName: fn.functionArn, timeoutMs: timeout.toMilliseconds() },
  ]);
  invoker.addEnvironment(ENV.functions, Stack.of(invoker).toJsonString(Object.fromEntries(settings)));
  if (remotes.length > SAFE_REMOTES) warnOfEnvironment(invoker, remotes.length);
}

function warnOfEnvironment(invoker: LambdaFunction, count: number): void {
  Annotations.of(invoker).addWarningV2(
    'cdk-streamer:remotesEnvironment',
    `The names of ${count} functions may not fit into the 4 KB that Lambda allows a function's environment, and the deployment would fail: above ${SAFE_REMOTES} isolated handlers and functions of yours, spread them over two APIs`,
  );
}
