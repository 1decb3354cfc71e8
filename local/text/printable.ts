/** Controls (C0, DEL, C1), line and paragraph separators, and characters that turn the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
const ESCAPE = String.fromCharCode(0x1b);
/** Colours and weights (SGR); they change no text and move no cursor. */
const COLORS = new RegExp(`${ESCAPE}\\[[0-9;:]*m`, 'g');

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Escapes everything by which text from elsewhere could control a terminal or begin a line of its own: `\u001b`, `\n`. Other text,
 * backslashes included, stays as it is.
 */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** As {@link oneLine}, but keeps tabs and ends of lines. JSON stays JSON with the same value. */
export function manyLines(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(UNPRINTABLE, (char) => (char === '\n' || char === '\t' ? char : escaped(char)));
}

/** As {@link manyLines}, but keeps colours too: for lines that the tool itself has painted. */
export function painted(text: string): string {
  const colors = text.match(COLORS) ?? [];
  return text
    .split(COLORS)
    .map((part, i) => manyLines(part) + (colors[i] ?? ''))
    .join('');
}

/** Takes colours out: a handler's own, which may as well come from its input. */
export function withoutColors(text: string): string {
  return text.replace(COLORS, '');
}

function escaped(char: string): string {
  return SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
