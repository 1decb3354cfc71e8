import type { Json } from './types';

/** A value as DynamoDB writes it: `{ "S": "text" }`. */
export type Attribute = Readonly<Record<string, unknown>>;
export type AttributeMap = Readonly<Record<string, Attribute>>;

/** An item as plain JSON. Numbers that a double cannot hold stay text; binary values are base64; sets are lists. */
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
