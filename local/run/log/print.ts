import pc from 'picocolors';
import { manyLines, oneLine, withoutColors } from '../../emulator/text/printable';
import { redact } from '../../emulator/text/redact';
import type { LogEvent, LogSink } from '../../emulator/types';

export interface PrintOptions {
  /** Writes a line. The argument has no line break. */
  readonly write: (line: string) => void;
  /** Whether to print details, too. */
  readonly verbose: boolean;
  /** Whether to use colors. @default - if the terminal supports them */
  readonly colors?: boolean;
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
}

const SOURCE_WIDTH = 22;
const MAX_LINE = 400;
const INDENT = ' '.repeat(9);

/** Creates a sink that prints each event as a line with the time, the source and the message. */
export function printer(options: PrintOptions): LogSink {
  const colors = pc.createColors(options.colors ?? pc.isColorSupported);
  const paint = { info: (text: string) => text, warn: colors.yellow, error: colors.red };
  return (event: LogEvent) => {
    const time = colors.dim(new Date(options.now()).toTimeString().slice(0, 8));
    const message = line(event.message);
    const shown = message.length > MAX_LINE && !options.verbose ? `${message.slice(0, MAX_LINE)}…` : message;
    options.write(`${time} ${colors.cyan(line(event.source).padEnd(SOURCE_WIDTH))} ${paint[event.level](shown)}`);
    for (const below of event.below ?? []) {
      const text = INDENT + oneLine(safe(below));
      options.write(/^ *at /.test(below) ? colors.dim(text) : text);
    }
    if (options.verbose && event.detail !== undefined) options.write(colors.dim(indent(manyLines(safe(event.detail)))));
  };
}

/** Removes colors and tokens from a string of the application or of a client. */
const safe = (text: string): string => redact(withoutColors(text));

/** Converts a string to one line and escapes its control characters. */
const line = (text: string): string => oneLine(joinLines(safe(text)));

/**
 * Joins lines with one space. It splits the string at the line breaks, because a pattern for the spaces around them
 * would take quadratic time for many spaces.
 */
function joinLines(text: string): string {
  if (!text.includes('\n')) return text;
  const lines = text.split('\n');
  const last = lines.length - 1;
  return lines
    .map((part, i) => (i === 0 ? part.trimEnd() : i === last ? part.trimStart() : part.trim()))
    .filter((part, i) => part !== '' || i === 0 || i === last)
    .join(' ');
}

function indent(text: string): string {
  return text.replace(/^/gm, INDENT);
}
