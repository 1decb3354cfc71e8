import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { types } from 'node:util';

/** Folder of a function's code on Lambda. A local run has other folders, and maps the stacks that it shows itself. */
const TASK_ROOT = '/var/task';

/** Maximum depth of causes that are followed. */
const MAX_CAUSES = 5;

/** A position in a bundle, as written in stack traces. */
const PLACE = /(?:file:\/\/)?(\/[^\s():]*\/index\.m?js):(\d+):(\d+)/g;

/**
 * Rewrites stack traces of bundles to positions in the sources. The source map next to a bundle is read at the first error and cached.
 *
 * This does not slow down the start of a function, unlike Node.js's `--enable-source-maps`, which reads each map when it loads the code.
 */
export class StackMapper {
  private readonly maps = new Map<string, SourceMap | undefined>();
  private readonly seen = new WeakSet<Error>();

  public constructor(private readonly enabled = process.env.LAMBDA_TASK_ROOT === TASK_ROOT) {}

  /** Rewrites the stack of the error among a line's fields, if there is one. It never throws. */
  public mapErrorOf(fields: { readonly error?: unknown }): void {
    if (!this.enabled) return;
    try {
      this.mapError(fields.error);
    } catch {
      // a getter of the handler's object
    }
  }

  /** Rewrites an error's stack, and those of its causes, in place. It never throws. */
  public mapError(thrown: unknown, depth = 0): void {
    if (!this.enabled || depth > MAX_CAUSES || !types.isNativeError(thrown) || this.seen.has(thrown)) return;
    try {
      this.seen.add(thrown);
      if (typeof thrown.stack === 'string') thrown.stack = this.mapStack(thrown.stack);
      this.mapError(thrown.cause, depth + 1);
    } catch {
      // the error is frozen, or a getter of the handler throws: the stack stays unchanged
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

/** Reads the source map. @returns undefined if there is none next to the bundle, because it was built without a map or with an inline map */
function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
