import type { Resource } from '../../emulator/assembly';

/**
 * Properties of a resource after all references were resolved. CloudFormation accepts numbers and booleans as strings,
 * too.
 */
export type Properties = Readonly<Record<string, unknown>>;

export function object(value: unknown): Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Properties) : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

export function number(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : Number(value);
}

export function seconds(value: unknown): number | undefined {
  const given = number(value);
  return given === undefined ? undefined : given * 1000;
}

export function flag(value: unknown): boolean | undefined {
  return value === undefined || value === null ? undefined : String(value) === 'true';
}

/**
 * Checks that a required property has a value.
 *
 * @throws Error that names the missing property
 */
export function required(resource: Resource, property: string, value: string | undefined): string {
  if (value === undefined) throw new Error(`${resource.address}.${property} is missing`);
  return value;
}

/** Extracts the function's name from a name, an ARN, a qualified ARN or the URI of an API Gateway integration. */
export function functionNameOf(reference: string): string {
  const arn = /arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:/]+)/.exec(reference);
  return arn?.[1] ?? reference.split(':')[0] ?? reference;
}
