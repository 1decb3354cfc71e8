import { posix } from 'node:path';

const IMPORTS = /(?:from|import\()\s*'(\.[^']+)'/g;

/** Returns groups of modules that import each other, directly or through other modules of their group. */
export function importCycles(modules: readonly string[], read: (module: string) => string): string[][] {
  const known = new Set(modules);
  const imports = new Map(modules.map((module) => [module, importsOf(module, read(module), known)]));
  const reached = new Map(modules.map((module) => [module, reachableFrom(module, imports)]));
  const groups = new Map<string, string[]>();
  for (const module of modules) {
    const cycle = [...(reached.get(module) ?? [])].filter((other) => reached.get(other)?.has(module));
    if (cycle.length > 1) groups.set([...cycle].sort().join(), cycle);
  }
  return [...groups.values()];
}

function importsOf(module: string, text: string, known: ReadonlySet<string>): string[] {
  return [...text.matchAll(IMPORTS)].flatMap(([, imported]) => {
    const base = posix.join(posix.dirname(module), imported ?? '');
    return [`${base}.ts`, `${base}.tsx`, `${base}/index.ts`].filter((file) => known.has(file)).slice(0, 1);
  });
}

function reachableFrom(start: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const next = [start];
  for (let module = next.pop(); module !== undefined; module = next.pop()) {
    for (const imported of imports.get(module) ?? []) {
      if (reached.has(imported)) continue;
      reached.add(imported);
      next.push(imported);
    }
  }
  return reached;
}
