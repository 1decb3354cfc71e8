import { withoutColors } from './printable';
import { redact } from './redact';

/** Maximum number of characters of a string in a log event; longer strings are truncated. */
export const MAX_TEXT = 64 * 1024;

/**
 * Truncates a string from outside, and removes colors and then tokens, because a color inside a token would hide it.
 * A token that was truncated is removed, too: its beginning identifies it.
 */
export function safeText(text: string): string {
  if (text.length <= MAX_TEXT) return redact(withoutColors(text));
  return `${redact(withoutColors(text.slice(0, MAX_TEXT)))}… [cut: ${text.length} characters]`;
}
