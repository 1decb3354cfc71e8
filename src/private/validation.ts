import { type Duration, Token } from 'aws-cdk-lib';
import { reject } from './errors';

// Each rule lets through `undefined` (the default applies) and tokens (their value is known at deployment only).

/** A whole number within bounds. */
export function validateInteger(prop: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < min || value > max) {
    reject(prop, `be a whole number from ${min} to ${max}`, value);
  }
}

/** A duration within bounds. */
export function validateDuration(prop: string, value: Duration | undefined, min: Duration, max: Duration): void {
  if (value === undefined || value.isUnresolved()) return;
  const ms = value.toMilliseconds();
  if (ms < min.toMilliseconds() || ms > max.toMilliseconds()) {
    reject(prop, `be from ${min.toHumanString()} to ${max.toHumanString()}`, value.toHumanString());
  }
}

/** A text of a given form. */
export function validatePattern(prop: string, value: string | undefined, pattern: RegExp, form: string): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  if (!pattern.test(value)) reject(prop, form, value);
}

/** An `https:` address with neither credentials, query nor fragment. */
export function validateHttpsUrl(prop: string, value: string | undefined): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'https:' || url.username || url.password || url.search || url.hash) {
    reject(prop, 'be an https URL without credentials, query or fragment', value);
  }
}

/** An `Origin` header as a browser sends it. */
export function validateOrigin(prop: string, value: string): void {
  if (Token.isUnresolved(value)) return;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.origin !== value) {
    reject(prop, "be an origin such as 'https://example.com', without a path", value);
  }
}

/** At least one entry. */
export function validateNotEmpty(prop: string, value: readonly unknown[] | undefined): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  if (value.length === 0) reject(prop, 'have at least one entry', value);
}

/** Names that Lambda accepts, beside those that Streamer sets itself. */
export function validateEnvironment(prop: string, environment: { [name: string]: string } | undefined): void {
  for (const name of Object.keys(environment ?? {})) {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || name.startsWith('STREAMER_')) {
      reject(prop, 'have names of letters, digits and _ that do not start with STREAMER_', name);
    }
  }
}
