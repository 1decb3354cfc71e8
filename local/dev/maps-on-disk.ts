import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TraceMap } from '@jridgewell/trace-mapping';
import type { Origin, Place } from '../runner';
import { originIn } from './origin';

/** A map in the file itself, at its end. */
const INLINE = /\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([A-Za-z0-9+/=]+)\s*$/;

/** Source maps that lie beside the code, or in it, as bundlers write them. Each is read once, when a stack names its file. */
export class MapsOnDisk {
  private readonly known = new Map<string, TraceMap | undefined>();

  /** Undefined for code without a map. */
  public locate(place: Place): Origin | undefined {
    const map = this.mapOf(place.file);
    if (!map) return undefined;
    const fileOf = (source: string) => sourceFile(source, map.sourceRoot, path.dirname(place.file));
    // sources that are not here are of the machine that bundled: packages, or what the bundler made
    return originIn(map, place, fileOf, (file) => !existsSync(file));
  }

  private mapOf(file: string): TraceMap | undefined {
    if (!this.known.has(file)) this.known.set(file, readMap(file));
    return this.known.get(file);
  }
}

function readMap(file: string): TraceMap | undefined {
  try {
    if (existsSync(`${file}.map`)) return new TraceMap(readFileSync(`${file}.map`, 'utf8'));
    const [, inline] = INLINE.exec(readFileSync(file, 'utf8').slice(-MOST_INLINE)) ?? [];
    return inline === undefined ? undefined : new TraceMap(Buffer.from(inline, 'base64').toString('utf8'));
  } catch {
    // no file of a function's own, or no map
    return undefined;
  }
}

/** Characters at the end of a file in which a map is looked for. */
const MOST_INLINE = 32 * 1024 * 1024;

/** Sources are relative to the map, or to a root that it names. */
function sourceFile(source: string, root: string | undefined, folder: string): string {
  const named = root === undefined || root === '' ? source : `${root.replace(/\/?$/, '/')}${source}`;
  return named.startsWith('file:') ? fileURLToPath(named) : path.resolve(folder, named);
}
