import { CONSTANTS } from '../protocol';
import { findStructureFault } from '../protocol/structure';

const { serverDepth, serverMessageBytes } = CONSTANTS.limits;
/** Structural limits of a value. The depth is two less than that of a message, because an ack contains its entries two levels deep. */
const BOUNDS = { depth: serverDepth - 2, values: serverMessageBytes };

/**
 * Serializes a value to JSON that every client accepts inside a frame. A client drops a frame with forbidden nesting, keys or strings, and would then
 * wait for the frame forever.
 *
 * @returns `null` for values that JSON leaves out, such as `undefined`
 * @throws Error whose message names the problem, but does not contain the value
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
