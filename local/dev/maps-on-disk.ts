import { existsSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TraceMap } from '@jridgewell/trace-mapping';
import type { Origin, Place } from '../run';
import { originIn } from './origin';

/** Matches an inline source map at the end of a file. */
const INLINE = /\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([A-Za-z0-9+/=]+)\s*$/;

/**
 * Source maps next to the code or inline in it, as bundlers write them. Each map is read once, when a stack trace names
 * its file.
 */
export class MapsOnDisk {
  private readonly known = new Map<string, TraceMap | undefined>();

  /**
   * @param isCode whether the file at an absolute path is in a folder of functions' code. Other files are never read.
   */
  public constructor(private readonly isCode: (file: string) => boolean) {}

  /** Finds the source of a position in the code. Returns undefined for code without a map. */
  public locate(place: Place): Origin | undefined {
    const map = this.mapOf(place.file);
    if (!map) return undefined;
    const fileOf = (source: string) => sourceFile(source, map.sourceRoot, path.dirname(place.file));
    // if a source does not exist here, the code was bundled on another machine or the bundler generated the source
    return originIn(map, place, fileOf, (file) => !existsSync(file));
  }

  private mapOf(file: string): TraceMap | undefined {
    if (this.known.has(file)) return this.known.get(file);
    // a string in a log may resemble a stack frame and name any file
    if (!this.isCode(path.resolve(file)) || !isReadable(file)) return undefined;
    this.known.set(file, readMap(file));
    return this.known.get(file);
  }
}

/** Maximum size of a file of code or of a map, in bytes. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;

/** Whether a file is a regular file of a usual size. Reading a device or a pipe may never end. */
function isReadable(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size <= MAX_FILE_BYTES;
}

function readMap(file: string): TraceMap | undefined {
  try {
    if (isReadable(`${file}.map`)) return new TraceMap(readFileSync(`${file}.map`, 'utf8'));
    const [, inline] = INLINE.exec(readFileSync(file, 'utf8').slice(-MOST_INLINE)) ?? [];
    return inline === undefined ? undefined : new TraceMap(Buffer.from(inline, 'base64').toString('utf8'));
  } catch {
    // the file does not exist, or the map is invalid
    return undefined;
  }
}

/** Number of characters at the end of a file in which an inline map is searched for. */
const MOST_INLINE = 32 * 1024 * 1024;

/** Resolves a source relative to the map's folder, or to its `sourceRoot`. */
function sourceFile(source: string, root: string | undefined, folder: string): string {
  const named = root === undefined || root === '' ? source : `${root.replace(/\/?$/, '/')}${source}`;
  return named.startsWith('file:') ? fileURLToPath(named) : path.resolve(folder, named);
}
