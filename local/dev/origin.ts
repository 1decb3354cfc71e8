import { readFileSync } from 'node:fs';
import { type TraceMap, traceSegment } from '@jridgewell/trace-mapping';
import type { Origin, Place } from '../run';

/**
 * Finds the source of a position in a bundle.
 *
 * @param fileOf returns the absolute path of a source in the map
 * @param isMade whether a file was generated
 */
export function originIn(
  map: TraceMap,
  place: Place,
  fileOf: (source: string) => string,
  isMade: (file: string) => boolean,
): Origin {
  // lines and columns count from 1, but a string that resembles a stack frame may have any numbers
  const known = place.line > 0 && place.column > 0;
  const [, source, line, column, name] = (known && traceSegment(map, place.line - 1, place.column - 1)) || [];
  // the bundler generated this code
  if (source === undefined || line === undefined || column === undefined) return libraryAt(place);
  const file = fileOf(map.sources[source] ?? '');
  return {
    file,
    line: line + 1,
    column: column + 1,
    library: isMade(file) || /[\\/]node_modules[\\/]/.test(file),
    name: name === undefined ? undefined : map.names[name],
    says: (word) => saysWord(file, word),
  };
}

export function libraryAt(place: Place): Origin {
  return { ...place, library: true, says: () => false };
}

function saysWord(file: string, word: string): boolean {
  const pattern = new RegExp(`(?<![\\w$])${word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}(?![\\w$])`);
  try {
    return pattern.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}
