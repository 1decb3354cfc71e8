import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { functionVariables, newCredentials } from '../../local/lambda/variables';
import type { FunctionCode } from './assembly';
import { LAMBDA_NODE } from './versions';

const BOOT = join(__dirname, 'lambda-boot.mjs');

/** Nothing listens there: no invocation is asked for. */
const NO_RUNTIME_API = '127.0.0.1:9';

/**
 * Starts a function in a process of its own on Lambda's version of Node.js and lets it initialize.
 *
 * @returns CPU milliseconds, user and system, that the whole process used from its start until the handler was there
 */
export async function initCpuMs({ spec }: FunctionCode): Promise<number> {
  const env = functionVariables({
    spec,
    credentials: newCredentials(() => '0123456789abcdef0123456789abcdef'),
    runtimeApi: NO_RUNTIME_API,
    logStream: 'benchmark',
    path: undefined,
  });
  const { stdout } = await promisify(execFile)(LAMBDA_NODE, [BOOT, join(spec.codeDir, 'index.js')], { env });
  return (JSON.parse(stdout) as { cpuMicroseconds: number }).cpuMicroseconds / 1000;
}
