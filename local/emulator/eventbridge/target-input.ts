import { compilePath } from './json-path';
import type { BusEvent } from './types';

/** Input of a target in place of the event; at most one of these properties. */
export interface TargetInput {
  /** JSON text. */
  readonly input?: string;
  /** A JSON path into the event. */
  readonly inputPath?: string;
  readonly transformer?: { readonly paths: Readonly<Record<string, string>>; readonly template: string };
}

/** The rule's part of the predefined variables. */
export interface RuleNames {
  readonly ruleName: string;
  readonly ruleArn: string;
}

/**
 * Turns an event into the JSON text that a target gets.
 *
 * @throws JsonPathError for a path that EventBridge does not take, SyntaxError for an `input` that is not JSON
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
 * Variables within quotes become strings without their quotes, others JSON. A variable that is not in the event is an empty string.
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
