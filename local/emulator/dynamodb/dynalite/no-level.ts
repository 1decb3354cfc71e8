/**
 * Replacement for the packages `level` and `memory-level` in the bundle of the local run. Dynalite loads both packages,
 * and `level` looks for a native binary when it is loaded. The engine stores items itself, so it needs neither package.
 */
class NotBundled {
  constructor() {
    throw new Error('The local DynamoDB keeps its items in memory and has no LevelDB');
  }
}

export { NotBundled as Level, NotBundled as MemoryLevel };
