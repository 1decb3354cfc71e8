import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { types } from 'node:util';

/** Folder of a function's code on Lambda. A local run has folders of its own, and maps what it shows by itself. */
const TASK_ROOT = '/var/task';

/** How far causes are followed. */
const MAX_CAUSES = 5;

/** A place in a bundle, as stack traces name it. */
const PLACE = /(?:file:\/\/)?(\/[^\s():]*\/index\.m?js):(\d+):(\d+)/g;

/**
 * Rewrites stack traces of bundles to the places in the sources. The source map beside a bundle is read for the first error and kept.
 *
 * It costs the start of a function nothing, unlike Node.js's `--enable-source-maps`, which reads each map when it loads the code.
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
      // a getter of the handler's own
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
      // a frozen error, or a getter of the handler's own that throws: the stack stays as it is
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

/** Undefined where the bundle has no map beside it: it was made without, or in the code. */
function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
