import { DEFAULTS, ENV, type EnvJson, type Limits } from '../../src/contract';
import type { TableNames } from '../aws/dynamodb/store';

type Variable = keyof typeof ENV;

/** Reads environment variables. If some are missing, throws one error that names all of them. */
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
export function readJson<Name extends keyof EnvJson>(
  name: Name,
  env: Readonly<Record<string, string | undefined>> = process.env,
): EnvJson[Name] {
  const text = readEnv([name], env)[name];
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${ENV[name]} is not JSON`, { cause });
  }
}

/** Names of the tables that this function has access to. */
export function tableNames(env: Readonly<Record<string, string | undefined>> = process.env): TableNames {
  return {
    connections: env[ENV.connectionsTable],
    requests: env[ENV.requestsTable],
    subscriptions: env[ENV.subscriptionsTable],
    events: env[ENV.eventsTable],
  };
}

/** Limits of the data that users may send. */
export function readLimits(env: Readonly<Record<string, string | undefined>> = process.env): Limits {
  return env[ENV.limits] ? readJson('limits', env) : DEFAULTS.limits;
}

/**
 * Timeouts of AWS calls in milliseconds. After a timeout, the call is retried. The timeouts are much longer than a call usually takes, and much
 * shorter than a function may run. Without them, one hanging call would block an attempt until its end.
 */
export const REQUEST_HANDLER = {
  connectionTimeout: 2_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
} as const;
