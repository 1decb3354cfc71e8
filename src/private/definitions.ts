import type { Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LocatedHandler } from './entry';

interface Definition {
  readonly entry: string;
  readonly environment?: { [name: string]: string };
  readonly initialPolicy?: PolicyStatement[];
}

/** A sync handler's options. */
export interface SyncDefinition extends Definition {
  readonly kind: 'sync';
}

/** An async handler's options, defaults filled in. */
export interface AsyncDefinition extends Definition {
  readonly kind: 'async';
  readonly schema?: string;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly maxAttempts: number;
  readonly backoffInitial: Duration;
  readonly backoffMax: Duration;
  readonly maxConcurrency: number;
  readonly progressRate: number;
}

export interface SyncHandler extends LocatedHandler {
  readonly sync: true;
  readonly definition: SyncDefinition;
}

export interface AsyncHandler extends LocatedHandler {
  readonly sync: false;
  readonly definition: AsyncDefinition;
}

/** The value of `STREAMER_ACTIONS`: what router, processors and sweeper must know of the async actions. */
export function actionsSettings(handlers: readonly AsyncHandler[]): { [action: string]: object } {
  return Object.fromEntries(handlers.map(({ action, definition }) => [action, settings(definition)]));
}

function settings(definition: AsyncDefinition): object {
  return {
    maxTries: definition.maxAttempts,
    backoffBaseMs: definition.backoffInitial.toMilliseconds(),
    backoffMaxMs: definition.backoffMax.toMilliseconds(),
    timeoutMs: definition.timeout.toMilliseconds(),
    progressRate: definition.progressRate,
  };
}
