import { existsSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TraceMap } from '@jridgewell/trace-mapping';
import type { Origin, Place } from '../run';
import { originIn } from './origin';

/** Matches an inline source map at the end of a file. */
const INLINE = /\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([A-Za-z0-9+/=]+)\s*$/;

/** Source maps next to the code or inline, as bundlers write them. Each is read once, when a stack trace names its file. */
export class MapsOnDisk {
  private readonly known = new Map<string, TraceMap | undefined>();

  /** @param isCode whether a file, by its absolute path, is in a folder that functions run from: no other is read */
  public constructor(private readonly isCode: (file: string) => boolean) {}

  /** Returns undefined for code without a map. */
  public locate(place: Place): Origin | undefined {
    const map = this.mapOf(place.file);
    if (!map) return undefined;
    const fileOf = (source: string) => sourceFile(source, map.sourceRoot, path.dirname(place.file));
    // missing sources are on the machine that bundled the code: packages, or code that the bundler generated
    return originIn(map, place, fileOf, (file) => !existsSync(file));
  }

  private mapOf(file: string): TraceMap | undefined {
    if (this.known.has(file)) return this.known.get(file);
    // anybody's text may look like a frame and name any file
    if (!this.isCode(path.resolve(file)) || !isReadable(file)) return undefined;
    this.known.set(file, readMap(file));
    return this.known.get(file);
  }
}

/** Bytes of code or of a map that are read. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;

/** A regular file of a usual size: devices and pipes may have no end. */
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
    // not a file of the function, or no map
    return undefined;
  }
}

/** Number of characters at the end of a file that are searched for a map. */
const MOST_INLINE = 32 * 1024 * 1024;

/** Resolves sources relative to the map, or to its `sourceRoot`. */
function sourceFile(source: string, root: string | undefined, folder: string): string {
  const named = root === undefined || root === '' ? source : `${root.replace(/\/?$/, '/')}${source}`;
  return named.startsWith('file:') ? fileURLToPath(named) : path.resolve(folder, named);
}
