import type { Resource } from '../../emulator/assembly';

/** Typed reads of resolved properties. CloudFormation takes numbers and booleans as strings, too. */
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

/** @throws Error naming the property that is missing */
export function required(resource: Resource, property: string, value: string | undefined): string {
  if (value === undefined) throw new Error(`${resource.address}.${property} is missing`);
  return value;
}

/** The function's name in a name, an ARN, a qualified ARN, or an API Gateway integration URI. */
export function functionNameOf(reference: string): string {
  const arn = /arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:/]+)/.exec(reference);
  return arn?.[1] ?? reference.split(':')[0] ?? reference;
}
