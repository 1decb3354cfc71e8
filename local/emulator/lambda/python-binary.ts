import { spawnSync } from 'node:child_process';

/** An available Python interpreter. */
export interface Python {
  readonly path: string;
  /** Version, such as `3.12`. */
  readonly version: string;
}

const PRINT_VERSION = 'import sys; print("%d.%d" % sys.version_info[:2])';
/**
 * Time limit in milliseconds for the version check. The first start may be slow, for example with a version manager.
 */
const ANSWERS_WITHIN_MS = 10_000;

/** Returns the version in a runtime's name, such as `3.12` for `python3.12`. Undefined if the runtime is not Python. */
export function pythonVersion(runtime: string): string | undefined {
  return /^python(3\.\d+)$/.exec(runtime)?.[1];
}

/**
 * Finds the Python interpreter for a runtime: the command of the exact version, otherwise `python3`. Undefined if
 * neither of them can run.
 */
export function findPython(runtime: string): Python | undefined {
  for (const path of [runtime, 'python3']) {
    // a command of that name may exist but fail, for example that of a version manager
    const { status, stdout } = spawnSync(path, ['-c', PRINT_VERSION], { encoding: 'utf8', timeout: ANSWERS_WITHIN_MS });
    const version = status === 0 ? stdout.trim() : '';
    if (/^3\.\d+$/.test(version)) return { path, version };
  }
  return undefined;
}
