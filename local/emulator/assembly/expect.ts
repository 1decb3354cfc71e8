import type { IntrinsicContext } from './intrinsics';

/**
 * Checks arguments of intrinsic functions, because the template may contain any values. The error names the expected
 * type and the path.
 */
type Failing = Pick<IntrinsicContext, 'fail'>;

export function expectString(value: unknown, context: Failing, path: string): string {
  return typeof value === 'string' ? value : context.fail(`expected a string, got: ${JSON.stringify(value)}`, path);
}

/** Returns a string. Like CloudFormation, it converts numbers and booleans to strings. */
export function expectText(value: unknown, context: Failing, path: string): string {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : expectString(value, context, path);
}

export function expectList(value: unknown, context: Failing, path: string, length?: number): unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
    const expected = length === undefined ? 'an array' : `an array of ${length}`;
    return context.fail(`expected ${expected}, got: ${JSON.stringify(value)}`, path);
  }
  return value;
}
