import type { AttributeValue, Item } from './model';

/** Maximum size of an item in bytes, including attribute names (DynamoDB developer guide, "Service quotas"). */
export const MAX_ITEM_BYTES = 400 * 1024;

/**
 * Returns an item's size in bytes by the rules of the developer guide ("DynamoDB item sizes and formats"). Names and
 * strings count in UTF-8.
 */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const name in item) bytes += Buffer.byteLength(name) + valueBytes(item[name]);
  return bytes;
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return base64Bytes(value.B);
  if (value.SS) return sum(value.SS, (member) => Buffer.byteLength(member));
  if (value.NS) return sum(value.NS, numberBytes);
  if (value.BS) return sum(value.BS, base64Bytes);
  if (value.L) return 3 + sum(value.L, (member) => 1 + valueBytes(member));
  if (value.M) return 3 + Object.keys(value.M).length + itemBytes(value.M);
  return 1; // BOOL and NULL
}

/**
 * Returns a number's size: about one byte for every two significant digits, plus one byte, plus one byte for a minus
 * sign.
 */
function numberBytes(number: string): number {
  const digits = number.replace('-', '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '').length;
  if (digits === 0) return 1;
  return (
    1 + Math.ceil(digits / 2) + (digits % 2 === 0 && hasEvenExponent(number) ? 1 : 0) + (number[0] === '-' ? 1 : 0)
  );
}

/**
 * Whether the exponent is even. Digits are stored in pairs from the decimal point, so an even number of digits may need
 * one more pair.
 */
function hasEvenExponent(number: string): boolean {
  const [whole, fraction = ''] = number
    .replace('-', '')
    .replace(/^0+(?=\d)/, '')
    .split('.');
  const exponent = whole !== '0' ? whole.length - 1 : -(fraction.length - fraction.replace(/^0+/, '').length + 1);
  return exponent % 2 === 0;
}

function base64Bytes(value: string): number {
  return Buffer.byteLength(value, 'base64');
}

function sum<T>(values: readonly T[], size: (value: T) => number): number {
  return values.reduce((total, value) => total + size(value), 0);
}
