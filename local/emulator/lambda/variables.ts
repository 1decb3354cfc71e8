import type { FunctionSpec } from './types';

/** Credentials of one function. They sign its requests and identify it to the local services. */
export interface FunctionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Creates credentials in the format of AWS. Each function has different ones. */
export function newCredentials(newId: () => string): FunctionCredentials {
  const letters = () => newId().replaceAll('-', '').toUpperCase();
  return {
    accessKeyId: `ASIA${letters().slice(0, 16)}`,
    secretAccessKey: `${letters()}${letters()}`.slice(0, 40),
    sessionToken: `local-${letters()}${letters()}`,
  };
}

export interface VariablesInput {
  readonly spec: FunctionSpec;
  readonly credentials: FunctionCredentials;
  /** Address of the environment's Runtime API as `host:port`. */
  readonly runtimeApi: string;
  readonly logStream: string;
  /** `PATH` of the host, so that functions find system tools. */
  readonly path: string | undefined;
}

/**
 * Returns all environment variables of a function's process. Only PATH is from the host. As on Lambda, reserved
 * variables override those of the function.
 */
export function functionVariables(input: VariablesInput): Record<string, string> {
  return {
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: input.path ?? '/usr/local/bin:/usr/bin:/bin',
    ...input.spec.environment,
    ...reservedVariables(input),
  };
}

function reservedVariables({ spec, credentials, runtimeApi, logStream }: VariablesInput): Record<string, string> {
  const region = spec.functionArn.split(':')[3] ?? 'us-east-1';
  return {
    _HANDLER: spec.handler,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupOf(spec),
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    LAMBDA_TASK_ROOT: spec.codeDir,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
  };
}

export function logGroupOf(spec: FunctionSpec): string {
  return spec.logGroup ?? `/aws/lambda/${spec.functionName}`;
}

/** Returns the name of an environment's log stream in Lambda's format: `2026/01/31/[$LATEST]0123…`. */
export function logStreamName(now: number, newId: () => string): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[$LATEST]${newId().replaceAll('-', '')}`;
}

/** Returns flags for Node.js. As in Lambda's bootstrap, they depend on the memory size. */
export function nodeFlags(memoryMb: number): string[] {
  return [
    `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
    `--max-semi-space-size=${Math.max(1, Math.floor(memoryMb * 0.05))}`,
  ];
}
