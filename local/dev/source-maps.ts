import { existsSync, realpathSync } from 'node:fs';
import * as path from 'node:path';
import { TraceMap } from '@jridgewell/trace-mapping';
import type { Origin, Place, Sources } from '../run';
import { MapsOnDisk } from './maps-on-disk';
import { libraryAt, originIn } from './origin';

export interface CodeMap {
  /** Creates the source map as a JSON string. @returns undefined if the sources have changed, so that it cannot be created anymore */
  load(): Promise<string | undefined>;
  /** The folder to which the map's sources are relative. */
  readonly base: string;
  /** The bundle's entry, which is generated. */
  readonly entry: string;
}

/** Finds the source of code in bundles, by the folders that they run from. Maps are created when they are needed. */
export class SourceMaps implements Sources {
  private readonly folders = new Map<string, MappedFolder>();
  private readonly codeFolders = new Set<string>();
  private readonly beside = new MapsOnDisk((file) =>
    [...this.codeFolders, ...this.folders.keys()].some((folder) => file.startsWith(folder + path.sep)),
  );

  /** Takes the map of the code in a folder; a later one replaces it. */
  public add(folder: string, map: CodeMap): void {
    this.folders.set(folder, new MappedFolder(map));
  }

  /** Allows to read the maps next to the code in a folder. Frames name the files by their real path, too. */
  public runsFrom(folder: string): void {
    this.codeFolders.add(path.resolve(folder));
    if (existsSync(folder)) this.codeFolders.add(realpathSync(folder));
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

  /** Code that is not bundled here may have a source map next to it. */
  public readonly locate = (place: Place): Origin | undefined =>
    this.folders.get(path.dirname(place.file))?.locate(place) ?? this.beside.locate(place);
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
    // Streamer's runtime is next to the bundle
    if (!isBundle(place.file)) return libraryAt(place);
    if (!this.parsed) return undefined;
    const { base, entry } = this.map;
    return originIn(
      this.parsed,
      place,
      (source) => path.resolve(base, source),
      (file) => file === entry,
    );
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

function isBundle(file: string): boolean {
  return /^index\.[mc]?js$/.test(path.basename(file));
}

/** In JSON, a path of Windows has each of its backslashes twice. */
function namesBundle(lines: readonly string[], folder: string): boolean {
  const names = [path.join(folder, 'index.'), JSON.stringify(path.join(folder, 'index.')).slice(1, -1)];
  return lines.some((line) => names.some((name) => line.includes(name)));
}
