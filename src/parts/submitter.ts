import { Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { SUBMITTER } from '../bundling/bundles';
import { ENV, type EnvJson } from '../contract';
import type { Handlers } from '../handlers/handlers';
import type { Settings } from '../settings';
import type { Stores } from '../stores/stores';
import type { ApiPart, PartContext } from './core';
import { Schedules } from './schedules';
import { StreamerFunction } from './streamer-function';

interface SubmitterProps {
  readonly settings: Settings;
  readonly handlers: Handlers;
  readonly stores: Stores;
}

/**
 * Accepts requests from callers with permission to invoke this function. Also returns the status of requests, cancels requests, and passes messages
 * to them.
 */
class Submitter extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, { settings, handlers, stores }: SubmitterProps) {
    super(scope, id);
    this.function = new StreamerFunction(this, 'Function', {
      settings,
      description: 'Streamer: takes requests without a connection',
      code: handlers.code(SUBMITTER),
      timeout: Duration.seconds(30),
      // Lambda assigns CPU in proportion to memory, and a cold submitter needs CPU for TLS in its first call.
      memorySize: 1024,
      environment: {
        [ENV.retentionSeconds]: String(settings.retention.toSeconds()),
        [ENV.limits]: Stack.of(this).toJsonString(settings.limits satisfies EnvJson['limits']),
      },
      invokedBy: 'Its callers invoke it, and a repeated asynchronous invocation is one request',
    });
    stores.requests.grantAccept(this.function);
    stores.requests.grantList(this.function);
    stores.requests.grantCancel(this.function);
    stores.events.grantBodies(this.function);
    stores.events.grantHeads(this.function);
    stores.events.grantCancel(this.function);
    stores.payloads?.grantAccept(this.function);
  }
}

/** Creates the submitter when it is first used, for example by a schedule. An API needs no submitter if all its requests come from clients. */
export function createSubmitter({ scope, props, handlers, stores }: PartContext): ApiPart {
  let submitter: Submitter | undefined;
  const create = () => {
    submitter ??= new Submitter(scope, 'Submitter', { settings: props.settings, handlers, stores });
    return submitter.function;
  };
  const schedules = new Schedules(scope, props.settings, create);
  return { outputs: { submitFunction: create, schedules }, checks: () => schedules.validate() };
}
