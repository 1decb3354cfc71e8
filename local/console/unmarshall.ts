import type { Json } from './types';

/** A value in DynamoDB's format, such as `{ "S": "text" }`. */
export type Attribute = Readonly<Record<string, unknown>>;
export type AttributeMap = Readonly<Record<string, Attribute>>;

/**
 * Converts an item to plain JSON. A number that a double cannot represent exactly becomes a string. Binary values
 * become base64 strings, and sets become arrays.
 */
export function plainItem(item: AttributeMap): Record<string, Json> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));
}

function plain(attribute: Attribute): Json {
  const [[kind, value] = ['NULL', true]] = Object.entries(attribute);
  if (kind === 'N') return plainNumber(String(value));
  if (kind === 'NULL') return null;
  if (kind === 'L') return (value as Attribute[]).map(plain);
  if (kind === 'M') return plainItem(value as AttributeMap);
  if (kind === 'NS') return (value as string[]).map(plainNumber);
  return value as Json;
}

function plainNumber(text: string): Json {
  const number = Number(text);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number;
}
