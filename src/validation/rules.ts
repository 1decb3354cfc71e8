import { type Duration, type Size, SizeRoundingBehavior, Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { reject } from './errors';
import { closest } from './suggest';

// Rules for properties. An absent value passes each rule, because the default applies. In JavaScript, null counts as absent. A token passes, too,
// because its value is known only at deployment. Exceptions are durations, sizes, booleans and known integers. They must not be tokens, because other
// values are computed from them.

/** Whether a property is not given. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/**
 * Refuses a value that is known only at deployment. It is called for values that the construct compares, or that become part of code or of names: in
 * these places, a token would never be replaced by its value.
 */
export function refuseToken(prop: string, value: unknown, remedy?: string): void {
  if (!Token.isUnresolved(value)) return;
  reject(prop, 'be known when the app is synthesized', 'a value that is known only at deployment', remedy);
}

/** Requires a whole number within bounds. */
export function validateInteger(prop: string, value: number | undefined, min: number, max: number): void {
  if (isAbsent(value) || Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < min || value > max) {
    reject(prop, `be a whole number from ${min} to ${max}`, value);
  }
}

/** Requires a whole number within bounds. It must be known at synthesis, because other values are computed from it or compared with it. */
export function validateKnownInteger(prop: string, value: number | undefined, min: number, max: number): void {
  if (Token.isUnresolved(value))
    reject(prop, 'be known when the app is synthesized', 'a number that is known only at deployment');
  validateInteger(prop, value, min, max);
}

/** Refuses an absent value of a required property. The other rules accept an absent value, because most properties are optional. */
export function validateGiven(prop: string, value: unknown, must: string): void {
  if (isAbsent(value)) reject(prop, must, value);
}

/** Requires a boolean. It must be known at synthesis, because a token is an object, which counts as true. */
export function validateBoolean(prop: string, value: boolean | undefined): void {
  if (isAbsent(value)) return;
  refuseToken(prop, value);
  if (typeof value !== 'boolean') reject(prop, 'be true or false', value);
}

/** Requires a duration of whole milliseconds within bounds. */
export function validateDuration(prop: string, value: Duration | undefined, min: Duration, max: Duration): void {
  if (isAbsent(value)) return;
  if (typeof value.toMilliseconds !== 'function') {
    reject(prop, `be a Duration from ${min.toHumanString()} to ${max.toHumanString()}`, value, DURATION_REMEDY);
  }
  if (value.isUnresolved())
    reject(prop, 'be known when the app is synthesized', 'a duration that is known only at deployment');
  const ms = value.toMilliseconds({ integral: false });
  if (!Number.isInteger(ms)) reject(prop, 'be a whole number of milliseconds', `${ms} ms`);
  if (ms < min.toMilliseconds() || ms > max.toMilliseconds()) {
    reject(prop, `be from ${min.toHumanString()} to ${max.toHumanString()}`, value.toHumanString());
  }
}

/** Requires a duration of whole seconds within bounds. */
export function validateSeconds(prop: string, value: Duration | undefined, min: Duration, max: Duration): void {
  validateDuration(prop, value, min, max);
  const ms = value?.toMilliseconds() ?? 0;
  if (ms % 1000 !== 0) reject(prop, 'be a whole number of seconds', `${ms} ms`);
}

const DURATION_REMEDY = 'Use a Duration of aws-cdk-lib, for example `Duration.seconds(…)`';

/** Requires a size in whole bytes within bounds. */
export function validateSize(prop: string, value: Size | undefined, minBytes: number, max: Size): void {
  if (isAbsent(value)) return;
  const must = `be a Size from ${minBytes} byte to ${max.toKibibytes()} KiB`;
  if (typeof value.toBytes !== 'function')
    reject(prop, must, value, 'Use a Size of aws-cdk-lib, for example `Size.kibibytes(…)`');
  if (value.isUnresolved())
    reject(prop, 'be known when the app is synthesized', 'a size that is known only at deployment');
  const bytes = value.toBytes({ rounding: SizeRoundingBehavior.NONE });
  if (!Number.isInteger(bytes)) reject(prop, 'be a whole number of bytes', `${bytes} bytes`);
  if (bytes < minBytes || bytes > max.toBytes()) reject(prop, must, `${bytes} bytes`);
}

/** Rule of {@link validateText}. */
export const TEXT = 'be a string that is not empty';

/** Requires a string that is not empty. */
export function validateText(prop: string, value: string | undefined): void {
  validatePattern(prop, value, /./s, TEXT);
}

/** Requires a string that matches a pattern. */
export function validatePattern(prop: string, value: string | undefined, pattern: RegExp, form: string): void {
  if (isAbsent(value) || Token.isUnresolved(value)) return;
  if (typeof value !== 'string' || !pattern.test(value)) reject(prop, form, value);
}

/**
 * Requires one of an enumeration's values.
 *
 * @param example an example value with the enumeration's name: `RemovalPolicy.RETAIN`
 */
export function validateOneOf(prop: string, value: unknown, enumeration: object, example: string): void {
  if (isAbsent(value) || Token.isUnresolved(value)) return;
  const names = Object.keys(enumeration).filter((name) => Number.isNaN(Number(name)));
  if (names.some((name) => enumeration[name as never] === value)) return;
  reject(prop, `be a value of ${example.split('.')[0]}`, value, `Use \`${example}\`, for example`);
}

/** Requires a KMS key. */
export function validateKey(prop: string, key: IKey | undefined): void {
  if (isAbsent(key)) return;
  if (typeof key.keyArn !== 'string') {
    reject(prop, 'be a key of KMS', key, 'Use `new Key(…)` or `Key.fromKeyArn(…)`, of aws-cdk-lib/aws-kms');
  }
  refuseAlias(prop, key);
}

/** Refuses an alias, because policies and CloudWatch Logs accept only the ARN of a key. */
function refuseAlias(prop: string, key: IKey): void {
  if (!('aliasName' in key) && !key.keyArn.includes(':alias/')) return;
  const remedy = 'Use `Key.fromKeyArn(…)` or `new Key(…)`: policies and CloudWatch Logs accept no alias';
  reject(prop, 'be a key of KMS itself', 'an alias', remedy);
}

/** Requires a plain object. Arrays, Maps and Sets are refused, because their contents would be ignored. */
export function validateObject(prop: string, value: unknown, must: string, remedy?: string): void {
  if (typeof value !== 'object' || value === null || Symbol.iterator in value) reject(prop, must, value, remedy);
}

/**
 * Requires a resource. The check is that the ARN property exists. The class is not checked, because another copy of aws-cdk-lib may have created the
 * resource.
 */
export function validateResource(prop: string, value: unknown, arn: string, what: string): void {
  if (isAbsent(value)) return;
  if (typeof (value as Record<string, unknown>)[arn] !== 'string') reject(prop, `be a ${what}`, value);
}

/** Requires an `https:` URL without credentials, query and fragment. */
export function validateHttpsUrl(prop: string, value: string | undefined): void {
  if (isAbsent(value) || Token.isUnresolved(value)) return;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'https:' || url.username || url.password || url.search || url.hash) {
    reject(prop, HTTPS_URL, value);
  }
}

/** Rule of {@link validateHttpsUrl}. */
export const HTTPS_URL = 'be an https URL without credentials, query or fragment';

/** Requires at least one `Origin` header. An empty array, for example from a filtered configuration, would accept every origin. */
export function validateOrigins(prop: string, origins: readonly string[] | undefined): void {
  if (isAbsent(origins) || Token.isUnresolved(origins)) return;
  if (!Array.isArray(origins)) reject(prop, 'be an array of origins', origins, "For example `['https://example.com']`");
  validateNotEmpty(prop, origins, 'Leave it out to accept any origin');
  for (const origin of origins) validateOrigin(prop, origin);
}

/** Requires an `Origin` header in the form that browsers send. */
function validateOrigin(prop: string, value: string): void {
  if (Token.isUnresolved(value)) return;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.origin !== value) {
    reject(prop, "be an origin such as 'https://example.com', without a path", value);
  }
}

/** Requires an array with at least one string, and no empty string. */
export function validateStrings(prop: string, values: readonly string[]): void {
  if (Token.isUnresolved(values)) return;
  if (!Array.isArray(values)) reject(prop, 'be an array of strings', values);
  validateNotEmpty(prop, values);
  for (const value of values) {
    if (typeof value !== 'string' || value === '') reject(prop, 'have only strings that are not empty', value);
  }
}

function validateNotEmpty(prop: string, values: readonly unknown[], remedy?: string): void {
  if (values.length === 0) reject(prop, 'have at least one entry', values, remedy);
}

/** Requires valid names of environment variables. Lambda must accept them, and Streamer must not set them itself. */
export function validateEnvironment(prop: string, environment: { [name: string]: string } | undefined): void {
  if (isAbsent(environment)) return;
  validateObject(prop, environment, 'be an object of strings by name');
  for (const [name, value] of Object.entries(environment)) {
    refuseToken(prop, name, 'Use constants as names, and tokens as values');
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || name.startsWith('STREAMER_')) {
      reject(prop, 'have names of letters, digits and _ that do not start with STREAMER_', name);
    }
    if (typeof value !== 'string') reject(`${prop}.${name}`, 'be a string', value);
  }
}

/** Whether a host name refers to the machine itself. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

/** Names of all properties of a type. TypeScript refuses an object that lacks one of them, or that has an additional one. */
export type PropNames<T> = { readonly [Name in keyof Required<T>]: true };

/** Whether a value is a plain object. A construct is not, although it may have the same properties. */
const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

/**
 * Refuses a value that is not an object of properties, and refuses properties that do not exist. Apps in JavaScript can pass both. In TypeScript, a
 * property that does not exist can come from a variable, because the compiler does not check a variable for excess properties.
 *
 * @param names names of the properties that exist
 * @param at the property that holds the object, followed by a dot; empty for arguments
 */
export function refuseUnknownProps(names: PropNames<object>, at: string, props: unknown): void {
  if (isAbsent(props)) return;
  const known = Object.keys(names).sort();
  const takes = `Known properties: ${known.join(', ')}`;
  const prop = at.slice(0, -1) || 'options';
  validateObject(prop, props, 'be an object of properties', takes);
  if (!isPlain(props)) {
    refuseForeign(prop, known, props as object, takes);
    return;
  }
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || known.includes(name)) continue;
    const meant = closest(name, known);
    const remedy = meant === undefined ? takes : `Did you mean \`${at}${meant}\`?`;
    reject(`${at}${name}`, 'be a property that exists', value, remedy);
  }
}

/** Refuses an object of a class that has none of the properties, such as a Duration instead of an object with a Duration. */
function refuseForeign(prop: string, known: readonly string[], value: object, remedy: string): void {
  if (!known.some((name) => name in value)) reject(prop, 'be an object of properties', value, remedy);
}
