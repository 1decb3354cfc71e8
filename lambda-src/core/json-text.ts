import { CONSTANTS } from '../protocol';
import { findStructureFault } from '../protocol/structure';

const { serverDepth, serverMessageBytes } = CONSTANTS.limits;
/** An ack holds its entries two levels deeper than a frame of their own does. */
const BOUNDS = { depth: serverDepth - 2, values: serverMessageBytes };

/**
 * The value as JSON text that every client accepts inside a frame: a client drops a frame with nesting, keys or texts that the
 * protocol forbids, and would wait for it forever.
 *
 * @returns `null` for what JSON leaves out, such as `undefined`
 * @throws Error whose message says what is wrong, without a value
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
