import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LogSink } from '../types';
import { findNode, NodeBinaries, nodeMajor } from './node-binary';
import { findPython, type Python, pythonVersion } from './python-binary';
import type { FunctionSpec } from './types';
import { nodeFlags } from './variables';

/** Command that starts the process of a function. */
export interface ProcessCommand {
  readonly path: string;
  readonly args: readonly string[];
  /** Environment variables that the function may override. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface RuntimesOptions {
  readonly log: LogSink;
  /** Returns the path of a Node.js binary for a runtime. Undefined means the host's own binary. */
  readonly nodeFor?: (runtime: string) => string | undefined;
  readonly pythonFor?: (runtime: string) => Python | undefined;
  /** Path of the bundled runtime client of Node.js functions. */
  readonly runtimeClient?: string;
}

/**
 * Interpreters of functions. The interpreter of each runtime is searched only once. A warning is logged if only another
 * version is available.
 */
export class Runtimes {
  private readonly nodes: NodeBinaries;
  private readonly pythons = new Map<string, Python | undefined>();
  private readonly nodeClient: string;

  public constructor(private readonly options: RuntimesOptions) {
    this.nodes = new NodeBinaries(options.nodeFor ?? findNode, options.log);
    this.nodeClient = options.runtimeClient ?? besideThis('runtime-client.js', 'runtime-client.ts');
  }

  /**
   * Returns the reason why functions of a runtime cannot run on this machine, and the remedy. Undefined if they can
   * run.
   */
  public problem(runtime: string): string | undefined {
    if (nodeMajor(runtime) !== undefined) return undefined;
    if (pythonVersion(runtime) === undefined) return `${runtime} is not run locally, only Node.js and Python are`;
    if (this.python(runtime)) return undefined;
    return `${runtime} needs Python: neither ${runtime} nor python3 was found on this machine. Install Python 3 and restart dev`;
  }

  /**
   * Returns the command for a function.
   *
   * @throws Error if the runtime has a {@link problem}
   */
  public command(spec: FunctionSpec): ProcessCommand {
    const problem = this.problem(spec.runtime);
    if (problem !== undefined) throw new Error(problem);
    return pythonVersion(spec.runtime) === undefined ? this.nodeCommand(spec) : this.pythonCommand(spec.runtime);
  }

  private nodeCommand({ runtime, memoryMb, inspectPort }: FunctionSpec): ProcessCommand {
    const { path, standIn } = this.nodes.binaryFor(runtime);
    const inspect = inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort}`];
    return {
      path,
      args: [...nodeFlags(memoryMb), ...inspect, ...loaderOf(this.nodeClient), this.nodeClient],
      // otherwise the SDK would warn about the host's version of Node.js, which is not the function's version
      variables: standIn ? { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' } : {},
    };
  }

  private pythonCommand(runtime: string): ProcessCommand {
    return {
      path: this.python(runtime)?.path ?? 'python3',
      // unbuffered output, so that each line belongs to the invocation that prints it
      args: ['-u', besideThis('runtime-client.py')],
      variables: { PYTHONDONTWRITEBYTECODE: '1' },
    };
  }

  private python(runtime: string): Python | undefined {
    if (!this.pythons.has(runtime)) this.pythons.set(runtime, this.lookUpPython(runtime));
    return this.pythons.get(runtime);
  }

  private lookUpPython(runtime: string): Python | undefined {
    const found = (this.options.pythonFor ?? findPython)(runtime);
    if (found && found.version !== pythonVersion(runtime)) {
      const message = `${runtime} is not installed here: its functions run on Python ${found.version}. To match, install Python ${pythonVersion(runtime)}`;
      this.options.log({ source: 'lambda', level: 'warn', message });
    }
    return found;
  }
}

/** Returns the path of a file next to the bundle, or next to this module if it is not bundled. */
function besideThis(bundled: string, source = bundled): string {
  const file = join(__dirname, bundled);
  return existsSync(file) ? file : join(__dirname, source);
}

function loaderOf(client: string): string[] {
  return client.endsWith('.ts') ? ['--import', pathToFileURL(createRequire(client).resolve('tsx')).href] : [];
}
