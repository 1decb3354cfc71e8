/** What is used of the package, whose `exports` hide its own types. */
declare module '@jridgewell/trace-mapping' {
  export class TraceMap {
    public readonly names: readonly string[];
    public readonly sources: readonly (string | null)[];
    public readonly sourceRoot?: string;
    public readonly sourcesContent?: readonly (string | null)[];
    /** @param map as JSON text */
    public constructor(map: string);
  }

  /** `[column, source, line, column of the source, name]`, counted from 0; shorter where a place has no source or name. */
  export function traceSegment(map: TraceMap, line: number, column: number): readonly number[] | null;

  /** Position in the bundle of a source position. Lines count from 1, columns from 0; null if there is none. */
  export function generatedPositionFor(
    map: TraceMap,
    place: { readonly source: string; readonly line: number; readonly column: number; readonly bias?: number },
  ): { readonly line: number; readonly column: number } | { readonly line: null; readonly column: null };

  export const LEAST_UPPER_BOUND: number;
}
