import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { remedyOf, StateError } from './errors';

/**
 * Contents that are too large for a journal. Each content is stored in a separate file. The file's name is the hash of
 * its bytes.
 */
export class Blobs {
  /**
   * @param folder folder that contains only these files
   * @param freshCommand command that starts with an empty state, for error messages
   */
  public constructor(
    private readonly folder: string,
    private readonly freshCommand = '',
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /**
   * Writes bytes to a file.
   *
   * @returns the name of the file
   */
  public write(data: Uint8Array): string {
    const name = createHash('sha256').update(data).digest('hex');
    const file = path.join(this.folder, name);
    if (existsSync(file)) return name;
    const unfinished = `${file}.${randomUUID()}.tmp`;
    writeFileSync(unfinished, data, { mode: 0o600 });
    renameSync(unfinished, file);
    return name;
  }

  /**
   * Reads a file.
   *
   * @throws StateError if the file is missing or its contents have changed
   */
  public read(name: string): Buffer {
    const file = path.join(this.folder, name);
    const data = existsSync(file) ? readFileSync(file) : undefined;
    if (data && createHash('sha256').update(data).digest('hex') === name) return data;
    const how = data ? 'damaged' : 'missing';
    throw new StateError(`${file} is ${how}. Restore it from a copy, or ${remedyOf(this.freshCommand)}`);
  }

  /** Removes all other files. */
  public retain(names: ReadonlySet<string>): void {
    for (const name of readdirSync(this.folder)) {
      if (!names.has(name)) rmSync(path.join(this.folder, name), { force: true });
    }
  }
}
