/**
 * Shortens construct paths to what tells them apart: segments that all begin or end with are left out.
 * `App/Streamer/Router/Function` and `App/Streamer/Sweeper/Function` become `Router` and `Sweeper`.
 */
export function shortNames(paths: readonly string[]): string[] {
  const split = paths.map((path) => path.split('/'));
  const start = commonLength(split);
  const end = commonLength(split.map((segments) => segments.slice(start).reverse()));
  return split.map((segments) => segments.slice(start, segments.length - end).join('/'));
}

/** Segments that all begin with; the shortest keeps one. */
function commonLength(paths: readonly string[][]): number {
  const most = Math.max(0, Math.min(...paths.map(({ length }) => length)) - 1);
  const first = paths[0] ?? [];
  const differing = first.findIndex((segment, i) => paths.some((path) => path[i] !== segment));
  return Math.min(most, differing < 0 ? first.length : differing);
}
