/** Error for a JSON path that EventBridge would not accept. */
export class JsonPathError extends Error {
  public override readonly name = 'JsonPathError';
}

const STEP = /\.([\w/-]+)|\[(\d+|\*)\]/y;

/**
 * Compiles a JSON path. It supports the forms of EventBridge: `$`, `$.detail.a-b`, `$.resources[0]`,
 * `$.detail.items[*].id`.
 *
 * @returns a function that finds the value in an event, or returns undefined
 * @throws JsonPathError for any other path
 */
export function compilePath(path: string): (event: unknown) => unknown {
  const steps: string[] = [];
  let at = 1;
  while (path.startsWith('$') && at < path.length) {
    STEP.lastIndex = at;
    const step = STEP.exec(path);
    if (!step) break;
    steps.push(String(step[1] ?? step[2]));
    at = STEP.lastIndex;
  }
  if (!path.startsWith('$') || at !== path.length)
    throw new JsonPathError(`not a JSON path that EventBridge accepts: ${path}`);
  return (event) => follow(event, steps);
}

function follow(value: unknown, steps: readonly string[]): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (step === '*') return Array.isArray(value) ? value.map((item) => follow(item, rest)) : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return follow((value as Record<string, unknown>)[step], rest);
}
