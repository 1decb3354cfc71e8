import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StreamerHandler } from '../options/streamer-handler';
import type { StreamerApiProps } from '../streamer-api-props';
import type { Bundles } from './bundling';
import type {
  AsyncHandler,
  Definition,
  IsolatedHandler,
  SharedHandler,
  SyncFunctionHandler,
  SyncHandler,
} from './definitions';
import type { LocatedHandler } from './entry';
import { reject } from './errors';
import { handlerBundles } from './handler-bundles';
import { findSchema, resolveModule } from './project';
import type { Settings } from './settings';

/** An action as the protocol allows it: a letter, then letters, digits, `_`, `.` and `-`, 64 characters at most. */
const ACTION = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

export interface Handlers {
  readonly sync: readonly SyncHandler[];
  readonly async: readonly AsyncHandler[];
  readonly all: readonly LocatedHandler[];
  /** Code of the functions that hold them. */
  readonly bundles: Bundles;
}

export const inRouter = ({ sync }: Handlers): SharedHandler[] => sync.filter((each) => each.runs === 'router');
export const isolatedOf = ({ sync }: Handlers): IsolatedHandler[] => sync.filter((each) => each.runs === 'own');
export const syncFunctionsOf = ({ sync }: Handlers): SyncFunctionHandler[] =>
  sync.filter((each) => each.runs === 'function');

/**
 * Finds the files of all handlers. The order is that of the actions' names, so that it does not change bundles.
 *
 * @param topics whether the router serves topics
 */
export function locateHandlers(
  scope: Construct,
  { projectRoot, functionDefaults }: Settings,
  { handlers, bundling, router }: Pick<StreamerApiProps, 'handlers' | 'bundling' | 'router'>,
  topics: boolean,
): Handlers {
  const actions = Object.keys(handlers).sort();
  if (actions.length === 0) reject('handlers', 'have at least one action', handlers);
  const located = actions.map((action) => locate(projectRoot, action, handlers[action]));
  for (const handler of located) warnWithoutSchema(scope, handler);
  return {
    sync: located.filter((handler) => handler.sync),
    async: located.filter((handler) => !handler.sync),
    all: located,
    bundles: handlerBundles(scope, projectRoot, {
      handlers: located,
      topics,
      functionDefaults,
      bundling: bundling ?? {},
      router: router ?? {},
    }),
  };
}

function locate(projectRoot: string, action: string, { _definition }: StreamerHandler): SyncHandler | AsyncHandler {
  if (!ACTION.test(action)) {
    reject('handlers', "have names of a letter, then letters, digits, '_', '.' or '-', at most 64 characters", action);
  }
  const { sync, runs } = _definition;
  return { sync, runs, action, ...filesOf(`handlers.${action}`, projectRoot, _definition), definition: _definition } as
    | SyncHandler
    | AsyncHandler;
}

function filesOf(prop: string, projectRoot: string, definition: Definition) {
  const file = 'entry' in definition ? resolveModule(prop, projectRoot, definition.entry) : undefined;
  const named = 'schema' in definition ? definition.schema : undefined;
  // what a sync module accepts it says itself, where it runs
  const found = file && !definition.sync ? findSchema(file) : undefined;
  return { file, schemaFile: named ? resolveModule(`${prop}.schema`, projectRoot, named) : found };
}

function warnWithoutSchema(scope: Construct, { action, sync, runs, schemaFile }: LocatedHandler): void {
  if (schemaFile || (sync && runs !== 'function')) return;
  const beside =
    runs === 'function' ? '' : ' export a schema as `input` from a module `<handler>.schema.ts` beside the handler, or';
  Annotations.of(scope).addWarningV2(
    `cdk-streamer:unvalidatedInput:${action}`,
    `The input of \`${action}\` is not validated${sync ? '' : ' before it is acknowledged'}:${beside} name one by \`schema\``,
  );
}
