import { existsSync, realpathSync } from 'node:fs';
import * as path from 'node:path';
import { TraceMap } from '@jridgewell/trace-mapping';
import type { Origin, Place, Sources } from '../run';
import { MapsOnDisk } from './maps-on-disk';
import { libraryAt, originIn } from './origin';

export interface CodeMap {
  /**
   * Creates the source map as a JSON string.
   *
   * @returns undefined if the sources have changed, because the map can then no longer be created
   */
  load(): Promise<string | undefined>;
  /** Folder to which the sources in the map are relative. */
  readonly base: string;
  /** Entry of the bundle, which is generated. */
  readonly entry: string;
}

/** Finds the sources of bundled code by the folder of the code. It creates a map when the map is needed. */
export class SourceMaps implements Sources {
  private readonly folders = new Map<string, MappedFolder>();
  private readonly codeFolders = new Set<string>();
  private readonly beside = new MapsOnDisk((file) =>
    [...this.codeFolders, ...this.folders.keys()].some((folder) => file.startsWith(folder + path.sep)),
  );

  /** Adds the map of the code in a folder. A later map of the same folder replaces it. */
  public add(folder: string, map: CodeMap): void {
    this.folders.set(folder, new MappedFolder(map));
  }

  /**
   * Allows maps next to the code in a folder to be read. It adds the folder's real path, too, because stack frames may
   * contain that path.
   */
  public runsFrom(folder: string): void {
    this.codeFolders.add(path.resolve(folder));
    if (existsSync(folder)) this.codeFolders.add(realpathSync(folder));
  }

  public remove(folder: string): void {
    this.folders.delete(folder);
  }

  /** Resolves when positions in the folder can be located, or when it is certain that they cannot be located. */
  public async prepare(folder: string): Promise<void> {
    await this.folders.get(folder)?.prepare();
  }

  public ready(lines: readonly string[]): Promise<void> | undefined {
    const named = [...this.folders].filter(([folder, { settled }]) => !settled && namesBundle(lines, folder));
    if (named.length === 0) return undefined;
    // in the meantime a folder may have another map
    return Promise.all(named.map(([, mapped]) => mapped.prepare())).then(() => this.ready(lines));
  }

  /** Finds the source of a position. For code that is not bundled here, there may be a source map next to the code. */
  public readonly locate = (place: Place): Origin | undefined =>
    this.folders.get(path.dirname(place.file))?.locate(place) ?? this.beside.locate(place);
}

class MappedFolder {
  /** Whether the map was loaded, or cannot be loaded. */
  public settled = false;
  private loading: Promise<void> | undefined;
  private parsed: TraceMap | undefined;

  public constructor(private readonly map: CodeMap) {}

  public prepare(): Promise<void> {
    this.loading ??= this.load();
    return this.loading;
  }

  public locate(place: Place): Origin | undefined {
    // any other file of the folder is part of Streamer's runtime
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
      // if the changed sources cannot be bundled, stack traces of the earlier code are not mapped
    } finally {
      this.settled = true;
    }
  }
}

function isBundle(file: string): boolean {
  return /^index\.[mc]?js$/.test(path.basename(file));
}

/** Whether log lines name the bundle in a folder. In JSON, each backslash of a Windows path is doubled. */
function namesBundle(lines: readonly string[], folder: string): boolean {
  const names = [path.join(folder, 'index.'), JSON.stringify(path.join(folder, 'index.')).slice(1, -1)];
  return lines.some((line) => names.some((name) => line.includes(name)));
}
