import { CONSTANTS } from '../protocol';
import { findStructureFault } from '../protocol/structure';

const { serverDepth, serverMessageBytes } = CONSTANTS.limits;
/** Limits of a value's structure: an ack contains its entries two levels deeper than a frame does. */
const BOUNDS = { depth: serverDepth - 2, values: serverMessageBytes };

/**
 * Serializes the value to JSON that every client accepts inside a frame. A client drops a frame with forbidden nesting, keys or strings,
 * and would wait for it forever.
 *
 * @returns `null` for values that JSON leaves out, such as `undefined`
 * @throws Error whose message names the problem, without a value
 */
export function toJsonText(value: unknown): string {
  const text = write(value) ?? 'null';
  const fault = findStructureFault({ value: JSON.parse(text) }, BOUNDS);
  if (fault) throw new Error(`\`${fault.path}\` ${fault.reason}`);
  return text;
}

function write(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new Error('it cannot be written as JSON', { cause });
  }
}
