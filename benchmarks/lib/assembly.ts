import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssembly } from '../../local/emulator/assembly';
import type { FunctionSpec } from '../../local/emulator/lambda/types';

/** A function of a synthesized application, as Lambda would receive it. */
export interface FunctionCode {
  /** Path of the function's construct below the `StreamerApi`, for example `Router` or `Processors/report`. */
  readonly name: string;
  readonly spec: FunctionSpec;
  /**
   * Size of `index.js` and of the runtime next to it, in KB of 1,000 bytes. The file of the heartbeat's thread does not count, because it is loaded
   * after the start.
   */
  readonly kilobytes: number;
}

type Resource = ReturnType<typeof loadAssembly>['resources'][number];

interface FunctionProperties {
  readonly Code: { readonly S3Key: string };
  readonly Environment: { readonly Variables: Record<string, string> };
  readonly Handler: string;
  readonly Runtime: string;
  readonly Timeout: number;
  readonly MemorySize: number;
}

/** Reads the functions of a `StreamerApi` called `Streamer` from a cloud assembly. */
export function functionsOf(assemblyFolder: string): FunctionCode[] {
  return loadAssembly(assemblyFolder)
    .resources.filter(({ type }) => type === 'AWS::Lambda::Function')
    .flatMap((resource) => functionOf(resource) ?? []);
}

/** Finds a function by its name. @throws Error that names the existing functions */
export function functionNamed(name: string, functions: readonly FunctionCode[]): FunctionCode {
  const found = functions.find((each) => each.name === name);
  if (!found) throw new Error(`no function ${name}, only ${functions.map((each) => each.name).join(', ')}`);
  return found;
}

/** Matches the names of the files that a function loads at its start. */
const LOADED = /^(index|streamer-\w+)\.js$/;

function kilobytesOf(codeDir: string): number {
  const files = readdirSync(codeDir).filter((file) => LOADED.test(file));
  return files.reduce((total, file) => total + statSync(join(codeDir, file)).size, 0) / 1000;
}

function functionOf(resource: Resource): FunctionCode | undefined {
  const name = /\/Streamer\/(.+)\/Function\b/.exec(resource.path)?.[1];
  const { Code, ...properties } = resource.properties() as unknown as FunctionProperties;
  const codeDir = resource.asset(Code.S3Key);
  if (!name || !codeDir) return undefined;
  return {
    name,
    kilobytes: kilobytesOf(codeDir),
    spec: {
      functionName: resource.ref(),
      functionArn: resource.attribute('Arn'),
      codeDir,
      handler: properties.Handler,
      runtime: properties.Runtime,
      timeoutMs: properties.Timeout * 1000,
      memoryMb: properties.MemorySize,
      environment: { ...properties.Environment.Variables, AWS_LAMBDA_LOG_FORMAT: 'JSON' },
    },
  };
}
