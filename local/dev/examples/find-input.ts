import type { InputExample } from '../../run';
import { convert } from './convert';
import type { Issue, StandardSchema } from './json-schema';
import { FORMATS, sample, type Variant } from './sample';

/** Maximum number of validations per example. */
const MAX_VALIDATIONS = 500;

const VARIANTS: readonly Variant[] = [0, 1, 2].flatMap((branch) => [
  { optional: true, branch },
  { optional: false, branch },
]);

/**
 * Finds an input that a schema accepts. It builds samples from the JSON Schema and corrects them where the schema
 * reports an issue. Without a JSON Schema, it starts with an empty object.
 */
export async function findInput(schema: StandardSchema): Promise<InputExample> {
  const starts = convert(schema).flatMap((jsonSchema) => VARIANTS.map((variant) => sample(jsonSchema, variant)));
  const search = new Search(schema);
  for (const start of starts.length === 0 ? [{}] : starts) {
    const input = await search.from(start);
    if (input !== undefined) return { input: input as InputExample['input'] };
  }
  return { reason: search.reason };
}

type Path = readonly PropertyKey[];

class Search {
  private validations = 0;
  private first: Issue | undefined;

  public constructor(private readonly schema: StandardSchema) {}

  public get reason(): string {
    const at = this.first && pathOf(this.first).map(String).join('.');
    return `none was found that the schema accepts. Its issue${at ? ` at ${at}` : ''}: ${this.first?.message}`;
  }

  /**
   * Replaces the value at the path of the first issue until the schema reports no issue.
   *
   * @returns undefined if no replacement helps
   */
  public async from(start: unknown): Promise<unknown> {
    let value = start;
    let issues = await this.issuesOf(value);
    while (issues.length > 0) {
      const better = await this.correct(value, issues);
      if (!better) {
        this.first ??= issues[0];
        return undefined;
      }
      ({ value, issues } = better);
    }
    return value;
  }

  private async correct(value: unknown, issues: readonly Issue[]) {
    const [issue] = issues as [Issue];
    const path = pathOf(issue);
    for (const candidate of candidatesFor(valueAt(value, path), issue.message)) {
      if (this.validations >= MAX_VALIDATIONS) return undefined;
      const changed = withValue(value, path, candidate);
      const left = await this.issuesOf(changed);
      if (left.length <= issues.length && !left.some((other) => isBelow(pathOf(other), path)))
        return { value: changed, issues: left };
    }
    return undefined;
  }

  private async issuesOf(value: unknown): Promise<readonly Issue[]> {
    this.validations += 1;
    const { issues = [] } = await this.schema['~standard'].validate(structuredClone(value));
    return issues;
  }
}

const OTHERS: readonly unknown[] = [
  ...['example', 'a', 'A', '1', 'Aa1!Aa1!Aa1!', '2030-01-31T12:00:00.000Z', '2030-01-31', ...Object.values(FORMATS)],
  ...[1, 0, 2, 10, 100, 1000, -1, 0.5],
  ...[true, false, {}, [], ['example'], [1], [{}], ['a', 'b'], null, undefined],
];

/** Returns replacements for a value: first values of the same type, then values that the issue's message names. */
function candidatesFor(value: unknown, message: string): unknown[] {
  const quoted = [...message.matchAll(/"([^"]*)"|'([^']*)'/g)].map(([, double, single]) => double ?? single ?? '');
  const numbers = [...message.matchAll(/-?\d+(?:\.\d+)?/g)].map(([number]) => Number(number));
  const near = numbers.flatMap((number) => [number, number + 1, number - 1]);
  const sized = numbers.filter((number) => number > 0 && number < 5000).map((number) => 'a'.repeat(number));
  const all = [...quoted, ...near, ...sized, ...OTHERS];
  const own = value === undefined ? 'string' : typeof value;
  return [...all.filter((each) => typeof each === own), ...all.filter((each) => typeof each !== own)];
}

function pathOf({ path = [] }: Issue): Path {
  return path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
}

const isBelow = (path: Path, other: Path): boolean => other.every((key, i) => String(path[i]) === String(key));

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}

/** Copies a value and replaces the part at a path. If the replacement is undefined, the part is removed. */
function withValue(value: unknown, [key, ...rest]: Path, replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<PropertyKey, unknown>;
  const inner = withValue(copy[key], rest, replacement);
  if (inner === undefined) delete copy[key];
  else copy[key] = inner;
  return copy;
}
