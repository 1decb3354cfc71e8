import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { TraceMap, traceSegment } from '@jridgewell/trace-mapping';
import type { Locate, Origin, Place } from '../runner';

export interface BundleMap {
  /** Source map, JSON text. */
  readonly map: string;
  /** What the map's sources are relative to. */
  readonly base: string;
  /** The bundle's entry, which nobody wrote. */
  readonly entry: string;
}

/** Finds where code of bundles was written, by the folders that they run from. */
export class SourceMaps {
  private readonly folders = new Map<string, MappedFolder>();

  /** Takes the map of the code in a folder; a later one replaces it. */
  public add(folder: string, map: BundleMap): void {
    this.folders.set(folder, new MappedFolder(map));
  }

  public remove(folder: string): void {
    this.folders.delete(folder);
  }

  public readonly locate: Locate = (place) => this.folders.get(path.dirname(place.file))?.locate(place);
}

class MappedFolder {
  /** Parsed when first needed: most code never fails. */
  private parsed: TraceMap | undefined;

  public constructor(private readonly map: BundleMap) {}

  public locate(place: Place): Origin {
    this.parsed ??= new TraceMap(this.map.map);
    const segment = isBundle(place.file) ? traceSegment(this.parsed, place.line - 1, place.column - 1) : null;
    const [, source, line, column, name] = segment ?? [];
    // what has no source is our runtime, which lies beside the bundle, or code that the bundler made
    if (source === undefined || line === undefined || column === undefined) {
      return { ...place, library: true, says: () => false };
    }
    const file = this.fileOf(this.parsed.sources[source] ?? '');
    const text = this.parsed.sourcesContent?.[source] ?? '';
    return {
      file,
      line: line + 1,
      column: column + 1,
      library: file === this.map.entry || /[\\/]node_modules[\\/]/.test(file),
      name: name === undefined ? undefined : this.parsed.names[name],
      says: (word) => saysWord(text, word),
    };
  }

  /** Sources are addresses: what is special in those may be escaped. */
  private fileOf(source: string): string {
    const plain = path.resolve(this.map.base, source);
    if (existsSync(plain) || !source.includes('%')) return plain;
    return path.resolve(this.map.base, decodeURIComponent(source));
  }
}

function isBundle(file: string): boolean {
  return /^index\.[mc]?js$/.test(path.basename(file));
}

function saysWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\w$])${word.replace(/\$/g, '\\$')}(?![\\w$])`).test(text);
}
