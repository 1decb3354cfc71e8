import { createHash } from 'node:crypto';
import type { MessageAttribute, MessageAttributes } from './types';

export const md5 = (data: string | Buffer): string => createHash('md5').update(data).digest('hex');

export const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');

const STRING_VALUE = 1;
const BINARY_VALUE = 2;

function withLength(data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, data]);
}

function encode(name: string, attribute: MessageAttribute): Buffer {
  const binary = attribute.DataType.startsWith('Binary');
  const value = binary
    ? Buffer.from(attribute.BinaryValue ?? '', 'base64')
    : Buffer.from(attribute.StringValue ?? '', 'utf8');
  return Buffer.concat([
    withLength(Buffer.from(name)),
    withLength(Buffer.from(attribute.DataType)),
    Buffer.from([binary ? BINARY_VALUE : STRING_VALUE]),
    withLength(value),
  ]);
}

/**
 * Returns the digest that SDKs compare. The digest covers the attributes, sorted by name. Before each part, it includes
 * the length of the part in four bytes.
 */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  return md5(Buffer.concat(names.map((name) => encode(name, attributes[name]))));
}

/** Returns the number of bytes for the message's limit: the body, and the name, type and value of each attribute. */
export function messageBytes(body: string, attributes: MessageAttributes): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, attribute] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType);
    bytes += Buffer.byteLength(attribute.StringValue ?? '');
    bytes += Buffer.from(attribute.BinaryValue ?? '', 'base64').length;
  }
  return bytes;
}
