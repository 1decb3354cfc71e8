import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Settings } from '../settings';

/** What a way to authorize brings to the API. */
export interface AuthBinding {
  /** Lambda authorizer of `$connect`. */
  readonly authorizer: IFunction;
  /** What a handshake must bring for the authorizer to be asked at all. */
  readonly identitySources: string[];
}

/** Creates what a way to authorize needs below `scope`. */
export type BindAuth = (scope: Construct, settings: Settings) => AuthBinding;
