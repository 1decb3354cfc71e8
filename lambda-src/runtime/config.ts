import { ENV } from '../../src/contract';
import { DEFAULT_LIMITS, type Limits } from '../flows/limits';
import type { TableNames } from '../stores/dynamo-store';

type Variable = keyof typeof ENV;

/** Reads variables of the environment and names all that are missing in one error. */
export function readEnv<const Names extends readonly Variable[]>(
  names: Names,
  env: Readonly<Record<string, string | undefined>> = process.env,
): { readonly [Name in Names[number]]: string } {
  const missing = names.filter((name) => !env[ENV[name]]);
  if (missing.length > 0) {
    throw new Error(`missing environment variables: ${missing.map((name) => ENV[name]).join(', ')}`);
  }
  return Object.fromEntries(names.map((name) => [name, env[ENV[name]]])) as never;
}

/** Parses a variable that the construct wrote as JSON. */
export function readJson<T>(name: Variable, env: Readonly<Record<string, string | undefined>> = process.env): T {
  const text = readEnv([name], env)[name];
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new Error(`${ENV[name]} is not JSON`, { cause });
  }
}

/** The tables that this function was granted. */
export function tableNames(env: Readonly<Record<string, string | undefined>> = process.env): TableNames {
  return {
    connections: env[ENV.connectionsTable],
    requests: env[ENV.requestsTable],
    subscriptions: env[ENV.subscriptionsTable],
    events: env[ENV.eventsTable],
  };
}

/** Limits of what users may send. */
export function readLimits(env: Readonly<Record<string, string | undefined>> = process.env): Limits {
  return env[ENV.limits] ? readJson<Limits>('limits', env) : DEFAULT_LIMITS;
}

/** Settings of an async action, which the construct writes to the generated entry of its processor. */
export interface ActionConfig {
  /** Attempts in all before the request fails. */
  readonly maxTries: number;
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** Timeout of the action's function. */
  readonly timeoutMs: number;
  /** Progress frames a second and viewer. */
  readonly progressRate: number;
  /** Whether one attempt runs at a time. */
  readonly serial?: boolean;
}
