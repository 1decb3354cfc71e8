import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Module } from '../flows/input';
import type { Log } from '../flows/ports';
import { StreamerError } from '../protocol';

/** Evaluates a module of the user's, as a generated entry imports it. */
export type LoadModule = () => Module | Promise<Module>;

/**
 * Loads the modules of the user's that a bundle holds.
 *
 * Each is loaded at once, while the function starts. What a module throws is kept until the module is needed: it fails the
 * requests that need it, never the start of the function. A module that ends the process (`process.exit`, out of memory, a loop
 * without an end) leaves a marker file behind; the next process of this function finds it and loads each module when it is first
 * needed, so that the processor has claimed the request by then and the attempt counts.
 */
export class UserModules {
  /** Whether a module threw: this process cannot load it again. */
  public failed = false;
  private readonly careful: boolean;
  private loading = 0;

  public constructor(
    private readonly log: Log,
    /** Whether another try, in another process, may succeed: the work is async. */
    private readonly retryable = false,
    private readonly marker = markerFile(),
  ) {
    this.careful = fs.existsSync(marker);
    if (this.careful) log.error('a process of this function ended while it loaded a module; see its last lines');
  }

  /**
   * @param what names the module in the log
   * @param pick takes what is needed from the module; it may throw
   * @returns gives what was picked, and rejects with `HANDLER_NOT_LOADED`
   */
  public add<T>(what: string, load: LoadModule, pick: (module: Module) => T): () => Promise<T> {
    let loaded: Promise<T> | undefined;
    const get = () => {
      loaded ??= this.load(what, load, pick);
      return loaded;
    };
    if (!this.careful) get().catch(() => undefined);
    return get;
  }

  private async load<T>(what: string, load: LoadModule, pick: (module: Module) => T): Promise<T> {
    this.loading += 1;
    this.mark();
    try {
      return pick(await load());
    } catch (cause) {
      this.failed = true;
      this.log.error(`${what} could not be loaded`, { error: cause });
      throw new StreamerError('HANDLER_NOT_LOADED', 'The handler could not be loaded.', {
        cause,
        retryable: this.retryable,
      });
    } finally {
      this.loading -= 1;
      if (this.loading === 0) fs.rmSync(this.marker, { force: true });
    }
  }

  /** Never follows a link: the folder may be one that others write to. Without the file the function works as well. */
  private mark(): void {
    try {
      fs.writeFileSync(this.marker, '', { flag: 'wx' });
    } catch {
      // it is there already, or the folder cannot be written to
    }
  }
}

/** Lambda keeps the folder when it starts a process anew. On one machine it is shared, so the name is the function's own. */
function markerFile({ AWS_LAMBDA_FUNCTION_NAME = '', LAMBDA_TASK_ROOT = '' } = process.env): string {
  const name = createHash('sha256').update(`${AWS_LAMBDA_FUNCTION_NAME} ${LAMBDA_TASK_ROOT}`).digest('hex');
  return join(tmpdir(), `streamer-loading-${name.slice(0, 16)}`);
}
