import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { functionVariables, newCredentials } from '../../local/emulator/lambda/variables';
import type { FunctionCode } from './assembly';
import { LAMBDA_NODE } from './versions';

const BOOT = join(__dirname, 'lambda-boot.mjs');

/** An address at which no server listens. So the process never receives an invocation. */
const NO_RUNTIME_API = '127.0.0.1:9';

/** Folder of a function's code on Lambda. With this value, the runtime converts stack traces. */
const TASK_ROOT = '/var/task';

interface Start {
  readonly cpuMicroseconds: number;
  /** Answer of the function. It is present only if an event was passed. */
  readonly answer?: unknown;
}

/**
 * Starts a function in a separate process with Lambda's version of Node.js, and lets the function initialize.
 *
 * @returns CPU milliseconds (user and system) that the whole process used from its start until the handler was loaded
 */
export async function initCpuMs(fn: FunctionCode): Promise<number> {
  return (await start(fn)).cpuMicroseconds / 1000;
}

/**
 * Starts a function in the same way, and invokes it once.
 *
 * @returns CPU milliseconds that the whole process used from its start until the answer, and the answer
 */
export async function firstAnswerCpuMs(fn: FunctionCode, event: object): Promise<{ cpuMs: number; answer: unknown }> {
  const { cpuMicroseconds, answer } = await start(fn, event);
  return { cpuMs: cpuMicroseconds / 1000, answer };
}

async function start({ spec }: FunctionCode, event?: object): Promise<Start> {
  const variables = functionVariables({
    spec,
    credentials: newCredentials(() => '0123456789abcdef0123456789abcdef'),
    runtimeApi: NO_RUNTIME_API,
    logStream: 'benchmark',
    path: undefined,
  });
  const args = [BOOT, join(spec.codeDir, 'index.js'), ...(event ? [JSON.stringify(event)] : [])];
  const env = { ...variables, LAMBDA_TASK_ROOT: TASK_ROOT };
  const { stdout } = await promisify(execFile)(LAMBDA_NODE, args, { env });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as Start;
}
