/**
 * Shortens construct paths to the parts that distinguish them. First it removes the segments at the end that all paths
 * have in common. Then it keeps, for each path, the shortest end that no other path has. `App/Streamer/Router/Function`
 * and `App/Streamer/Sweeper/Function` become `Router` and `Sweeper`.
 */
export function shortNames(paths: readonly string[]): string[] {
  const split = paths.map((path) => path.split('/'));
  const end = split.length > 1 ? commonEnd(split) : 0;
  const kept = split.map((segments) => segments.slice(0, segments.length - end));
  return kept.map((segments) => shortestEnd(segments, kept));
}

/** Counts the last segments that all paths have in common. At least one segment of the shortest path is not counted. */
function commonEnd(paths: readonly string[][]): number {
  const reversed = paths.map((segments) => [...segments].reverse());
  const most = Math.max(0, Math.min(...paths.map(({ length }) => length)) - 1);
  const [first = []] = reversed;
  const differing = first.findIndex((segment, i) => reversed.some((path) => path[i] !== segment));
  return Math.min(most, differing < 0 ? first.length : differing);
}

function shortestEnd(segments: readonly string[], all: readonly (readonly string[])[]): string {
  for (let length = 1; length < segments.length; length++) {
    const end = segments.slice(-length).join('/');
    const others = all.filter((other) => other !== segments && other.slice(-length).join('/') === end);
    if (others.length === 0) return end;
  }
  return segments.join('/');
}
