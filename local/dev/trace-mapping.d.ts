/** Types of the part of the package that this folder uses. The package's `exports` hide its own types. */
declare module '@jridgewell/trace-mapping' {
  export class TraceMap {
    public readonly names: readonly string[];
    public readonly sources: readonly (string | null)[];
    public readonly sourceRoot?: string;
    public readonly sourcesContent?: readonly (string | null)[];
    /** @param map the source map as a JSON string */
    public constructor(map: string);
  }

  /**
   * `[column, source, line, column of the source, name]`, counted from 0. The array is shorter for a position without a
   * source or a name.
   */
  export function traceSegment(map: TraceMap, line: number, column: number): readonly number[] | null;

  /**
   * Finds the position in the bundle for a position in a source. Lines count from 1, columns from 0. The result is null
   * if there is no such position.
   */
  export function generatedPositionFor(
    map: TraceMap,
    place: { readonly source: string; readonly line: number; readonly column: number; readonly bias?: number },
  ): { readonly line: number; readonly column: number } | { readonly line: null; readonly column: null };

  export const LEAST_UPPER_BOUND: number;
}
