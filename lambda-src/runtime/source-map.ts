import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { types } from 'node:util';

/** Folder of a function's code on Lambda. A local run uses other folders, and it converts stack traces itself. */
const TASK_ROOT = '/var/task';

/** Maximum number of nested causes whose stacks are converted. */
const MAX_CAUSES = 5;

/** Matches a position in a bundle, as stack traces contain it. */
const PLACE = /(?:file:\/\/)?(\/[^\s():]*\/index\.m?js):(\d+):(\d+)/g;

/**
 * Converts positions in stack traces of bundles to positions in the sources. At the first error, it reads the source map next to the bundle and
 * caches it.
 *
 * Node.js's `--enable-source-maps` is not used, because it reads each map when it loads the code. That would slow down the start of a function.
 */
export class StackMapper {
  private readonly maps = new Map<string, SourceMap | undefined>();
  private readonly seen = new WeakSet<Error>();

  public constructor(private readonly enabled = process.env.LAMBDA_TASK_ROOT === TASK_ROOT) {}

  /** Converts the stack of the field `error` of a log line, if there is one. Never throws. */
  public mapErrorOf(fields: { readonly error?: unknown }): void {
    if (!this.enabled) return;
    try {
      this.mapError(fields.error);
    } catch {
      // a getter of the handler's object threw
    }
  }

  /** Converts the stack of an error, and the stacks of its causes, in place. Never throws. */
  public mapError(thrown: unknown, depth = 0): void {
    if (!this.enabled || depth > MAX_CAUSES || !types.isNativeError(thrown) || this.seen.has(thrown)) return;
    try {
      this.seen.add(thrown);
      if (typeof thrown.stack === 'string') thrown.stack = this.mapStack(thrown.stack);
      this.mapError(thrown.cause, depth + 1);
    } catch {
      // The error is frozen, or a getter of the handler's object threw. The stack stays unchanged.
    }
  }

  private mapStack(stack: string): string {
    return stack.replace(PLACE, (place, file: string, line: string, column: string) => {
      const entry = this.mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
      if (!entry || !('originalSource' in entry)) return place;
      return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    });
  }

  private mapOf(file: string): SourceMap | undefined {
    if (!this.maps.has(file)) this.maps.set(file, readMap(file));
    return this.maps.get(file);
  }
}

/**
 * Reads the source map. @returns undefined if there is no map next to the bundle, because the bundle was built without a map or with an inline map
 */
function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
