import { type Duration, type Size, Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { reject } from './errors';
import { closest } from './suggest';

// Each rule lets through what was not given (the default applies; in JavaScript also null) and tokens (their value is known at
// deployment only). Durations, sizes and known integers must be known: they are calculated with.

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** A whole number within bounds. */
export function validateInteger(prop: string, value: number | undefined, min: number, max: number): void {
  if (isAbsent(value) || Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < min || value > max) {
    reject(prop, `be a whole number from ${min} to ${max}`, value);
  }
}

/** A whole number within bounds that is calculated with, or compared with another one. */
export function validateKnownInteger(prop: string, value: number | undefined, min: number, max: number): void {
  if (Token.isUnresolved(value))
    reject(prop, 'be known when the app is synthesized', 'a number known at deployment only');
  validateInteger(prop, value, min, max);
}

/** True or false. */
export function validateBoolean(prop: string, value: boolean | undefined): void {
  if (isAbsent(value) || Token.isUnresolved(value)) return;
  if (typeof value !== 'boolean') reject(prop, 'be true or false', value);
}

/** A duration within bounds. */
export function validateDuration(prop: string, value: Duration | undefined, min: Duration, max: Duration): void {
  if (isAbsent(value)) return;
  if (typeof value.toMilliseconds !== 'function') {
    reject(prop, `be a Duration from ${min.toHumanString()} to ${max.toHumanString()}`, value, DURATION_MEND);
  }
  if (value.isUnresolved()) reject(prop, 'be known when the app is synthesized', 'a duration known at deployment only');
  const ms = value.toMilliseconds();
  if (ms < min.toMilliseconds() || ms > max.toMilliseconds()) {
    reject(prop, `be from ${min.toHumanString()} to ${max.toHumanString()}`, value.toHumanString());
  }
}

const DURATION_MEND = 'Use `Duration.seconds(…)` or the like, of aws-cdk-lib';

/** A size of whole bytes within bounds. */
export function validateSize(prop: string, value: Size | undefined, minBytes: number, max: Size): void {
  if (isAbsent(value)) return;
  const must = `be a Size from ${minBytes} byte to ${max.toKibibytes()} KiB`;
  if (typeof value.toBytes !== 'function')
    reject(prop, must, value, 'Use `Size.kibibytes(…)` or the like, of aws-cdk-lib');
  if (value.isUnresolved()) reject(prop, 'be known when the app is synthesized', 'a size known at deployment only');
  const bytes = value.toBytes();
  if (bytes < minBytes || bytes > max.toBytes()) reject(prop, must, `${bytes} bytes`);
}

/** A text that is not empty. */
export function validateText(prop: string, value: string | undefined): void {
  validatePattern(prop, value, /./s, 'be a text that is not empty');
}

/** A text of a given form. */
export function validatePattern(prop: string, value: string | undefined, pattern: RegExp, form: string): void {
  if (isAbsent(value) || Token.isUnresolved(value)) return;
  if (typeof value !== 'string' || !pattern.test(value)) reject(prop, form, value);
}

/**
 * One of an enumeration's values.
 *
 * @param example one of its names, with the enumeration's: `RemovalPolicy.RETAIN`
 */
export function validateOneOf(prop: string, value: unknown, enumeration: object, example: string): void {
  if (isAbsent(value) || Token.isUnresolved(value)) return;
  const names = Object.keys(enumeration).filter((name) => Number.isNaN(Number(name)));
  if (names.some((name) => enumeration[name as never] === value)) return;
  reject(prop, `be a value of ${example.split('.')[0]}`, value, `Use \`${example}\`, for example`);
}

/** A key of KMS. */
export function validateKey(prop: string, key: IKey | undefined): void {
  if (isAbsent(key)) return;
  if (typeof key.keyArn !== 'string') {
    reject(prop, 'be a key of KMS', key, 'Use `new Key(…)` or `Key.fromKeyArn(…)`, of aws-cdk-lib/aws-kms');
  }
  refuseAlias(prop, key);
}

/** Refuses an alias: policies and CloudWatch Logs accept the ARN of a key only. */
function refuseAlias(prop: string, key: IKey): void {
  if (!('aliasName' in key) && !key.keyArn.includes(':alias/')) return;
  const mend = 'Use `Key.fromKeyArn(…)` or `new Key(…)`: policies and CloudWatch Logs accept no alias';
  reject(prop, 'be a key of KMS itself', 'an alias', mend);
}

/** An object with fields, no array and no class of another kind of thing. */
export function validateObject(prop: string, value: unknown, must: string, mend?: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) reject(prop, must, value, mend);
}

/** An `https:` address with neither credentials, query nor fragment. */
export function validateHttpsUrl(prop: string, value: string | undefined): void {
  if (isAbsent(value) || Token.isUnresolved(value)) return;
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
  if (isAbsent(value) || Token.isUnresolved(value)) return;
  if (value.length === 0) reject(prop, 'have at least one entry', value);
}

/** Names that Lambda accepts, beside those that Streamer sets itself. */
export function validateEnvironment(prop: string, environment: { [name: string]: string } | undefined): void {
  if (isAbsent(environment)) return;
  validateObject(prop, environment, 'be an object of texts by name');
  for (const [name, value] of Object.entries(environment)) {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || name.startsWith('STREAMER_')) {
      reject(prop, 'have names of letters, digits and _ that do not start with STREAMER_', name);
    }
    if (typeof value !== 'string') reject(`${prop}.${name}`, 'be a text', value);
  }
}

/** Whether a host name is that of the machine itself. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

/** Names of all properties of a type. TypeScript refuses an object that lacks one of them, or that has another one. */
export type PropNames<T> = { readonly [Name in keyof Required<T>]: true };

/** Whether a value is a plain object of properties, and not, for example, a construct that also has them. */
const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

/**
 * Refuses properties that do not exist. Such properties come from JavaScript, or from a variable whose excess properties the compiler does not check.
 *
 * @param names names of the properties that exist
 * @param at the property that holds the object, followed by a dot; empty for arguments
 */
export function refuseUnknownProps(names: PropNames<object>, at: string, props: unknown): void {
  if (!isPlain(props)) return;
  const known = Object.keys(names);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || known.includes(name)) continue;
    const meant = closest(name, known);
    const mend = meant === undefined ? `It takes ${known.sort().join(', ')}` : `Did you mean \`${at}${meant}\`?`;
    reject(`${at}${name}`, 'be a property that exists', value, mend);
  }
}
