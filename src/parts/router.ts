import { Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ENV } from '../contract';
import { bundledCode, type RequiredExport } from '../private/bundling';
import { actionsSettings } from '../private/definitions';
import { type LocatedHandler, routerEntry } from '../private/entry';
import { StreamerValidationError } from '../private/errors';
import type { Handlers } from '../private/handlers';
import type { Settings } from '../private/settings';
import { StreamerFunction } from '../private/streamer-function';
import type { Stores } from '../stores';

export interface RouterProps {
  readonly settings: Settings;
  readonly handlers: Handlers;
  readonly stores: Stores;
}

/** Answers every frame: it runs sync handlers, and accepts the requests of async ones. */
export class Router extends Construct {
  public readonly function: StreamerFunction;

  public constructor(scope: Construct, id: string, { settings, handlers, stores }: RouterProps) {
    super(scope, id);
    this.function = new StreamerFunction(this, 'Function', {
      description: 'Streamer: answers the frames of clients',
      code: this.code(settings.projectRoot, handlers),
      // the handler's budget, and what is read and written around it
      timeout: settings.syncTimeout.plus(Duration.seconds(4)),
      // CPU grows with memory, and a cold router spends its first call on TLS
      memorySize: 1024,
      logRetention: settings.logRetention,
      environment: { ...sharedEnvironment(handlers), ...this.environment(settings, handlers) },
      invokedBy: 'API Gateway invokes it synchronously',
    });
    for (const { definition } of handlers.sync) {
      for (const statement of definition.initialPolicy ?? []) this.function.addToRolePolicy(statement);
    }
    this.grant(stores);
  }

  private grant({ connections, requests, subscriptions, events }: Stores): void {
    connections.grantRegister(this.function);
    requests.grantAccept(this.function);
    subscriptions.grantManage(this.function);
    events.grantWrite(this.function);
  }

  private environment(settings: Settings, handlers: Handlers): { [name: string]: string } {
    return {
      [ENV.actions]: Stack.of(this).toJsonString(actionsSettings(handlers.async)),
      [ENV.retentionSeconds]: String(settings.retention.toSeconds()),
      [ENV.syncTimeoutMs]: String(settings.syncTimeout.toMilliseconds()),
      [ENV.limits]: Stack.of(this).toJsonString(settings.limits),
    };
  }

  private code(projectRoot: string, handlers: Handlers) {
    const all: LocatedHandler[] = [...handlers.sync, ...handlers.async];
    return bundledCode(this, {
      projectRoot,
      entry: routerEntry(projectRoot, all),
      requiredExports: all.flatMap(requiredExports),
    });
  }
}

function requiredExports({ action, sync, file, schemaFile }: LocatedHandler): RequiredExport[] {
  if (sync) return [{ prop: `handlers.${action}`, file, anyOf: ['default'] }];
  return schemaFile ? [{ prop: `handlers.${action}.schema`, file: schemaFile, anyOf: ['input', 'default'] }] : [];
}

/** Variables of all sync handlers, which live in one process: two of them may not mean different things by one name. */
function sharedEnvironment({ sync }: Handlers): { [name: string]: string } {
  const shared: { [name: string]: string } = {};
  for (const { action, definition } of sync) {
    for (const [name, value] of Object.entries(definition.environment ?? {})) {
      if (Object.hasOwn(shared, name) && shared[name] !== value) {
        throw new StreamerValidationError(
          `\`handlers.${action}.environment\` must agree with the other sync handlers, which share one function, got: another value of '${name}'`,
        );
      }
      shared[name] = value;
    }
  }
  return shared;
}
