import { withoutColors } from './printable';
import { redact } from './redact';

/** Maximum number of characters of a string in a log event. Longer strings are truncated. */
export const MAX_TEXT = 64 * 1024;

/**
 * Truncates a string from outside, then removes colors and tokens. Colors are removed before tokens, because a color
 * inside a token would hide it. A truncated token is removed, too, because its beginning identifies it.
 */
export function safeText(text: string): string {
  if (text.length <= MAX_TEXT) return redact(withoutColors(text));
  return `${redact(withoutColors(text.slice(0, MAX_TEXT)))}… [cut: ${text.length} characters]`;
}
