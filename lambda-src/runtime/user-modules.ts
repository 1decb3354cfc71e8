import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Module } from '../flows/handlers/input';
import { loggableError } from '../flows/handlers/thrown';
import type { Log } from '../flows/ports';
import { StreamerError } from '../protocol';

/** Evaluates a module of the user. A generated entry contains this function. */
export type LoadModule = () => Module | Promise<Module>;

/**
 * Loads the user's modules in a bundle.
 *
 * The modules are loaded at once, while the function starts. If a module throws, the error is kept until the module is needed. So only the requests
 * that need the module fail, not the start of the function.
 *
 * A module may also end the process (`process.exit`, out of memory, an endless loop). In that case a marker file remains. If the next process of this
 * function finds the file, it loads each module only when the module is first needed. By then the processor has claimed the request, so the attempt
 * counts.
 */
export class UserModules {
  /** Whether a module threw. This process cannot load that module again. */
  public failed = false;
  private readonly careful: boolean;
  private loading = 0;

  public constructor(
    private readonly log: Log,
    /** Whether the error is retryable, because another attempt in another process may succeed. This is the case for async actions. */
    private readonly retryable = false,
    private readonly marker = markerFile(),
  ) {
    this.careful = fs.existsSync(marker);
    if (this.careful) log.error('a process of this function ended while it loaded a module; see its last lines');
  }

  /**
   * Adds a module.
   *
   * @param what name of the module in the log
   * @param pick extracts the needed export from the module; it may throw
   * @returns a function that resolves with the export, or rejects with `HANDLER_NOT_LOADED`
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
      this.log.error(`${what} could not be loaded`, { error: loggableError(cause) });
      throw new StreamerError('HANDLER_NOT_LOADED', 'The handler could not be loaded.', {
        cause,
        retryable: this.retryable,
      });
    } finally {
      this.loading -= 1;
      if (this.loading === 0) fs.rmSync(this.marker, { force: true });
    }
  }

  /**
   * Creates the marker file. Symbolic links are never followed, because other users may have write access to the folder. If the file cannot be
   * created, everything else still works.
   */
  private mark(): void {
    try {
      fs.writeFileSync(this.marker, '', { flag: 'wx' });
    } catch {
      // The file already exists, or the folder is not writable.
    }
  }
}

/**
 * Path of the marker file. Lambda keeps the folder when it restarts a process. On a local machine, functions share the folder, so the file's name is
 * specific to the function.
 */
function markerFile({ AWS_LAMBDA_FUNCTION_NAME = '', LAMBDA_TASK_ROOT = '' } = process.env): string {
  const name = createHash('sha256').update(`${AWS_LAMBDA_FUNCTION_NAME} ${LAMBDA_TASK_ROOT}`).digest('hex');
  return join(tmpdir(), `streamer-loading-${name.slice(0, 16)}`);
}
