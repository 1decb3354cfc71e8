import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LogSink } from '../types';

/**
 * Returns the major version in a runtime's name, such as `24` for `nodejs24.x`. Undefined if the runtime is not
 * Node.js.
 */
export function nodeMajor(runtime: string): number | undefined {
  const match = /^nodejs(\d+)\.x$/.exec(runtime);
  return match ? Number(match[1]) : undefined;
}

/**
 * Finds the Node.js binary for a runtime. It first searches for the npm package `node` in `from` and in the folders
 * above it. Otherwise it returns the binary of this process, if its major version is that of the runtime.
 */
export function findNode(runtime: string, from = process.cwd()): string | undefined {
  const major = nodeMajor(runtime);
  if (major === undefined) return undefined;
  return installedNode(major, from) ?? (ownMajor() === major ? process.execPath : undefined);
}

/** The Node.js binary that runs functions of a runtime. */
export interface NodeBinary {
  readonly path: string;
  /** Whether the version is different from that of the runtime. */
  readonly standIn: boolean;
}

/** Chooses Node.js binaries. It logs a warning once per runtime if only another version of Node.js is available. */
export class NodeBinaries {
  private readonly chosen = new Map<string, NodeBinary>();

  public constructor(
    private readonly find: (runtime: string) => string | undefined,
    private readonly log: LogSink,
  ) {}

  public binaryFor(runtime: string): NodeBinary {
    const known = this.chosen.get(runtime);
    if (known) return known;
    const path = this.find(runtime);
    const binary = path === undefined ? { path: this.fallback(runtime), standIn: true } : { path, standIn: false };
    this.chosen.set(runtime, binary);
    return binary;
  }

  private fallback(runtime: string): string {
    const major = nodeMajor(runtime);
    this.log({
      source: 'lambda',
      level: 'warn',
      message: `${runtime} is not installed here: its functions run on Node.js ${process.versions.node}. To match: npm install --save-dev node@${major}`,
    });
    return process.execPath;
  }
}

function ownMajor(): number {
  return Number(process.versions.node.split('.')[0]);
}

function installedNode(major: number, from: string): string | undefined {
  const folder = join(from, 'node_modules', 'node');
  if (versionOf(folder) === major) {
    const binary = join(folder, 'bin', 'node');
    // An install script downloads the binary, and the user may have disabled install scripts.
    if (existsSync(binary)) return binary;
  }
  const parent = dirname(from);
  return parent === from ? undefined : installedNode(major, parent);
}

function versionOf(folder: string): number | undefined {
  try {
    return Number.parseInt(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version, 10);
  } catch {
    return undefined;
  }
}
