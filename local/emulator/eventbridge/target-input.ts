import { compilePath } from './json-path';
import type { BusEvent } from './types';

/** Input that a target receives instead of the event. At most one of these properties is set. */
export interface TargetInput {
  /** Input as a JSON string. */
  readonly input?: string;
  /** JSON path of a part of the event. */
  readonly inputPath?: string;
  readonly transformer?: { readonly paths: Readonly<Record<string, string>>; readonly template: string };
}

/** Predefined variables that describe the rule. */
export interface RuleNames {
  readonly ruleName: string;
  readonly ruleArn: string;
}

/**
 * Returns a function that converts an event to a target's input, a JSON string.
 *
 * @throws JsonPathError for a path that EventBridge would not accept
 * @throws SyntaxError for an `input` that is not JSON
 */
export function compileInput(given: TargetInput, rule: RuleNames): (event: BusEvent) => string {
  if (given.input !== undefined) {
    const { input } = given;
    JSON.parse(input);
    return () => input;
  }
  if (given.inputPath !== undefined) {
    const find = compilePath(given.inputPath);
    return (event) => JSON.stringify(find(event) ?? null);
  }
  return given.transformer ? compileTemplate(given.transformer, rule) : (event) => JSON.stringify(event);
}

type Variables = ReadonlyMap<string, (event: BusEvent) => unknown>;

function compileTemplate({ paths, template }: NonNullable<TargetInput['transformer']>, rule: RuleNames) {
  const variables: Variables = new Map([
    ...predefined(rule),
    ...Object.entries(paths).map(([name, path]) => [name, compilePath(path)] as const),
  ]);
  return (event: BusEvent) => fill(template, variables, event);
}

function predefined({ ruleName, ruleArn }: RuleNames): [string, (event: BusEvent) => unknown][] {
  return [
    ['aws.events.rule-arn', () => ruleArn],
    ['aws.events.rule-name', () => ruleName],
    ['aws.events.event.ingestion-time', (event) => event.time],
    ['aws.events.event', ({ detail: _, ...rest }) => rest],
    ['aws.events.event.json', (event) => event],
  ];
}

/**
 * Replaces the variables in a template. A variable between quotes becomes a string without additional quotes. Any other
 * variable becomes JSON. A variable that is not in the event becomes an empty string.
 */
function fill(template: string, variables: Variables, event: BusEvent): string {
  let quoted = false;
  return template.replace(/\\.|"|<([\w.-]+)>/g, (found, name: string | undefined) => {
    if (found === '"') quoted = !quoted;
    const find = name === undefined ? undefined : variables.get(name);
    if (!find) return found;
    const value = find(event) ?? '';
    return quoted ? withinQuotes(value) : JSON.stringify(value);
  });
}

function withinQuotes(value: unknown): string {
  return JSON.stringify(typeof value === 'object' ? JSON.stringify(value) : String(value)).slice(1, -1);
}
