import { spawnSync } from 'node:child_process';

/** An available Python interpreter. */
export interface Python {
  readonly path: string;
  /** Version, such as `3.12`. */
  readonly version: string;
}

const PRINT_VERSION = 'import sys; print("%d.%d" % sys.version_info[:2])';
/** Timeout in milliseconds: the first start may be slow, for example through a version manager. */
const ANSWERS_WITHIN_MS = 10_000;

/** `3.12` of `python3.12`, or undefined when the runtime is not Python. */
export function pythonVersion(runtime: string): string | undefined {
  return /^python(3\.\d+)$/.exec(runtime)?.[1];
}

/** The Python interpreter of a runtime: the command of the exact version, else any `python3`. Undefined if neither can be run. */
export function findPython(runtime: string): Python | undefined {
  for (const path of [runtime, 'python3']) {
    // a command of that name may exist without being runnable, like the shims of version managers
    const { status, stdout } = spawnSync(path, ['-c', PRINT_VERSION], { encoding: 'utf8', timeout: ANSWERS_WITHIN_MS });
    const version = status === 0 ? stdout.trim() : '';
    if (/^3\.\d+$/.test(version)) return { path, version };
  }
  return undefined;
}
