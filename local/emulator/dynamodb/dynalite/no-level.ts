/**
 * Stands in for the packages `level` and `memory-level` when the local run is bundled. Dynalite loads both at the top of
 * a module, and `level` looks for a native binary as it loads; the engine keeps its items itself and opens neither.
 */
class NotBundled {
  constructor() {
    throw new Error('The local DynamoDB keeps its items in memory and has no LevelDB');
  }
}

export { NotBundled as Level, NotBundled as MemoryLevel };
