import type { Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { LocatedHandler } from '../bundling/entry';
import type { ActionConfig } from '../contract';
import type { StreamerBundlingOptions } from '../options/streamer-bundling-options';
import type { HandlerFunctionOptions } from '../options/streamer-handler-function-options';

/** A sync handler in the router's process. */
export interface SharedDefinition {
  readonly sync: true;
  readonly runs: 'router';
  readonly entry: string;
  readonly environment?: { [name: string]: string };
  readonly initialPolicy?: PolicyStatement[];
  readonly bundling?: StreamerBundlingOptions;
}

/** A sync handler in a function of its own. */
export interface IsolatedDefinition extends HandlerFunctionOptions {
  readonly sync: true;
  readonly runs: 'own';
  readonly entry: string;
  readonly memorySize: number;
  /** None: the API's `syncTimeout`. */
  readonly timeout?: Duration;
}

/** A function of the user's that answers at once. */
export interface SyncFunctionDefinition {
  readonly sync: true;
  readonly runs: 'function';
  readonly fn: IFunction;
  readonly schema?: string;
  /** None: the API's `syncTimeout`. */
  readonly timeout?: Duration;
}

/** What all async handlers have, defaults filled in. */
interface AsyncSettings {
  readonly sync: false;
  readonly schema?: string;
  readonly timeout: Duration;
  readonly memorySize: number;
  /** Whether the action refuses new requests. */
  readonly retired: boolean;
  readonly maxAttempts: number;
  readonly backoffInitial: Duration;
  readonly backoffMax: Duration;
  /** Maximum concurrency of the queue's event source mapping, at least 2. */
  readonly maxConcurrency: number;
  /** Whether one attempt runs at a time, by the action's lock. */
  readonly serial: boolean;
  readonly progressRate: number;
}

/** An async handler in a function of its own. */
export interface OwnAsyncDefinition extends AsyncSettings, HandlerFunctionOptions {
  readonly runs: 'own';
  readonly entry: string;
}

/** A function of the user's that runs in the background; the processor waits for it. */
export interface AsyncFunctionDefinition extends AsyncSettings {
  readonly runs: 'function';
  readonly fn: IFunction;
}

export type SyncDefinition = SharedDefinition | IsolatedDefinition | SyncFunctionDefinition;
export type AsyncDefinition = OwnAsyncDefinition | AsyncFunctionDefinition;
export type Definition = SyncDefinition | AsyncDefinition;

interface Defined<D extends Definition> extends LocatedHandler {
  readonly sync: D['sync'];
  readonly runs: D['runs'];
  readonly definition: D;
}

export type SharedHandler = Defined<SharedDefinition>;
export type IsolatedHandler = Defined<IsolatedDefinition>;
export type SyncFunctionHandler = Defined<SyncFunctionDefinition>;
export type SyncHandler = SharedHandler | IsolatedHandler | SyncFunctionHandler;
export type AsyncHandler = Defined<OwnAsyncDefinition> | Defined<AsyncFunctionDefinition>;

/** Settings of an async action that the functions need. */
export function actionConfig(definition: AsyncDefinition): ActionConfig {
  return {
    maxAttempts: definition.maxAttempts,
    backoffBaseMs: definition.backoffInitial.toMilliseconds(),
    backoffMaxMs: definition.backoffMax.toMilliseconds(),
    timeoutMs: definition.timeout.toMilliseconds(),
    progressRate: definition.progressRate,
    ...(definition.serial && { serial: true }),
  };
}
