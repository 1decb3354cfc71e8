/** Control characters (C0, DEL, C1), line and paragraph separators, and characters that change the text direction. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
const ESCAPE = String.fromCharCode(0x1b);
/** Escape sequences of colors and font weights (SGR). They neither change the text nor move the cursor. */
const COLORS = new RegExp(`${ESCAPE}\\[[0-9;:]*m`, 'g');

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Escapes all characters with which a string from outside could control a terminal or start a new line, such as
 * `\u001b` and `\n`. Other characters, including backslashes, stay unchanged.
 */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** Escapes as {@link oneLine} does, but keeps tabs and line breaks. JSON stays JSON with the same value. */
export function manyLines(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(UNPRINTABLE, (char) => (char === '\n' || char === '\t' ? char : escaped(char)));
}

/** Escapes as {@link manyLines} does, but keeps colors. It is for lines that this tool has colored. */
export function painted(text: string): string {
  const colors = text.match(COLORS) ?? [];
  return text
    .split(COLORS)
    .map((part, i) => manyLines(part) + (colors[i] ?? ''))
    .join('');
}

/** Removes colors. The colors in a handler's output may come from its input. */
export function withoutColors(text: string): string {
  return text.replace(COLORS, '');
}

function escaped(char: string): string {
  return SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
