import { withoutColors } from './printable';
import { redact } from './redact';

/** Characters of one string of a log event that are kept. */
export const MAX_TEXT = 64 * 1024;

/**
 * Bounds a string from outside and removes colors and tokens. In this order: a color inside a token must not hide it.
 * A token at the cut is removed by its beginning.
 */
export function safeText(text: string): string {
  if (text.length <= MAX_TEXT) return redact(withoutColors(text));
  return `${redact(withoutColors(text.slice(0, MAX_TEXT)))}… [cut: ${text.length} characters]`;
}
