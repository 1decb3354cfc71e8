import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { TraceMap, traceSegment } from '@jridgewell/trace-mapping';
import type { Origin, Place, Sources } from '../runner';

export interface CodeMap {
  /** Makes the source map, as JSON text; undefined where that is not possible anymore. */
  load(): Promise<string | undefined>;
  /** What the map's sources are relative to. */
  readonly base: string;
  /** The bundle's entry, which nobody wrote. */
  readonly entry: string;
}

/** Finds where code of bundles was written, by the folders that they run from. Maps are made when they are needed. */
export class SourceMaps implements Sources {
  private readonly folders = new Map<string, MappedFolder>();

  /** Takes the map of the code in a folder; a later one replaces it. */
  public add(folder: string, map: CodeMap): void {
    this.folders.set(folder, new MappedFolder(map));
  }

  public remove(folder: string): void {
    this.folders.delete(folder);
  }

  /** Resolves when places of the folder can be located, or never will be. */
  public async prepare(folder: string): Promise<void> {
    await this.folders.get(folder)?.prepare();
  }

  public ready(lines: readonly string[]): Promise<void> | undefined {
    const named = [...this.folders].filter(([folder, { settled }]) => !settled && namesBundle(lines, folder));
    if (named.length === 0) return undefined;
    // another map may have taken a folder's place meanwhile
    return Promise.all(named.map(([, mapped]) => mapped.prepare())).then(() => this.ready(lines));
  }

  public readonly locate = (place: Place): Origin | undefined =>
    this.folders.get(path.dirname(place.file))?.locate(place);
}

class MappedFolder {
  /** There is a map, or there will be none. */
  public settled = false;
  private loading: Promise<void> | undefined;
  private parsed: TraceMap | undefined;

  public constructor(private readonly map: CodeMap) {}

  public prepare(): Promise<void> {
    this.loading ??= this.load();
    return this.loading;
  }

  public locate(place: Place): Origin | undefined {
    // our runtime lies beside the bundle
    if (!isBundle(place.file)) return libraryAt(place);
    if (!this.parsed) return undefined;
    const [, source, line, column, name] = traceSegment(this.parsed, place.line - 1, place.column - 1) ?? [];
    // code that the bundler made
    if (source === undefined || line === undefined || column === undefined) return libraryAt(place);
    const file = path.resolve(this.map.base, this.parsed.sources[source] ?? '');
    return {
      file,
      line: line + 1,
      column: column + 1,
      library: file === this.map.entry || /[\\/]node_modules[\\/]/.test(file),
      name: name === undefined ? undefined : this.parsed.names[name],
      says: (word) => saysWord(file, word),
    };
  }

  private async load(): Promise<void> {
    try {
      const text = await this.map.load();
      if (text !== undefined) this.parsed = new TraceMap(text);
    } catch {
      // the sources changed so that they cannot be bundled: stacks of the code before them stay as they are
    } finally {
      this.settled = true;
    }
  }
}

function libraryAt(place: Place): Origin {
  return { ...place, library: true, says: () => false };
}

function isBundle(file: string): boolean {
  return /^index\.[mc]?js$/.test(path.basename(file));
}

/** In JSON, a path of Windows has each of its backslashes twice. */
function namesBundle(lines: readonly string[], folder: string): boolean {
  const names = [path.join(folder, 'index.'), JSON.stringify(path.join(folder, 'index.')).slice(1, -1)];
  return lines.some((line) => names.some((name) => line.includes(name)));
}

function saysWord(file: string, word: string): boolean {
  const pattern = new RegExp(`(?<![\\w$])${word.replace(/\$/g, '\\$')}(?![\\w$])`);
  try {
    return pattern.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}
