import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StreamerHandler } from '../options/streamer-handler';
import type { AsyncHandler, SyncHandler } from './definitions';
import { reject } from './errors';
import { findSchema, resolveModule } from './project';

/** An action as the protocol allows it: a letter, then letters, digits, `_`, `.` and `-`, 64 characters at most. */
const ACTION = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

export interface Handlers {
  readonly sync: readonly SyncHandler[];
  readonly async: readonly AsyncHandler[];
}

/** Finds the files of all handlers. The order is that of the actions' names, so that it does not change bundles. */
export function locateHandlers(
  scope: Construct,
  projectRoot: string,
  handlers: { readonly [action: string]: StreamerHandler },
): Handlers {
  const actions = Object.keys(handlers).sort();
  if (actions.length === 0) reject('handlers', 'have at least one action', handlers);
  const located = actions.map((action) => locate(projectRoot, action, handlers[action]));
  for (const handler of located) warnWithoutSchema(scope, handler);
  return {
    sync: located.filter((handler) => handler.sync),
    async: located.filter((handler) => !handler.sync),
  };
}

function locate(projectRoot: string, action: string, { _definition }: StreamerHandler): SyncHandler | AsyncHandler {
  if (!ACTION.test(action)) {
    reject('handlers', "have names of a letter, then letters, digits, '_', '.' or '-', at most 64 characters", action);
  }
  const prop = `handlers.${action}`;
  const file = resolveModule(prop, projectRoot, _definition.entry);
  if (_definition.kind === 'sync') return { sync: true, action, file, definition: _definition };
  const { schema } = _definition;
  const schemaFile = schema ? resolveModule(`${prop}.schema`, projectRoot, schema) : findSchema(file);
  return { sync: false, action, file, schemaFile, definition: _definition };
}

function warnWithoutSchema(scope: Construct, handler: SyncHandler | AsyncHandler): void {
  if (handler.sync || handler.schemaFile) return;
  Annotations.of(scope).addWarningV2(
    `cdk-streamer:unvalidatedInput:${handler.action}`,
    `The input of \`${handler.action}\` is not validated before it is acknowledged: export a schema as \`input\` from a module \`<handler>.schema.ts\` beside the handler, or name one by \`schema\``,
  );
}
