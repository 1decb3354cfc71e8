import { METADATA } from '../../../src/contract';
import type { WebSocketApiSpec } from '../../emulator/websocket-api';
import type { RunningFunction } from '../types';
import { object } from './properties';

/** `sync` or `async`, by the action's name. */
export type Actions = Readonly<Record<string, string>>;

type Described = Pick<RunningFunction, 'functionName' | 'metadata'>;

/** Returns the actions that functions declare, in alphabetical order. */
export function actionsOf(functions: readonly Pick<Described, 'metadata'>[]): Actions {
  const all = functions.flatMap((fn) => Object.entries(object(fn.metadata(METADATA.actions))));
  return Object.fromEntries(all.map(([action, mode]) => [action, String(mode)] as const).sort(byName));
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);

/** Returns the actions of one API: those of the functions behind its routes. */
export function actionsBehind({ routes }: Pick<WebSocketApiSpec, 'routes'>, functions: readonly Described[]): Actions {
  const names = new Set(
    [...routes.values()].map((route) => ('functionName' in route ? route.functionName : undefined)),
  );
  return actionsOf(functions.filter(({ functionName }) => names.has(functionName)));
}
