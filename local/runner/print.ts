import pc from 'picocolors';
import type { LogEvent, LogSink } from '../types';
import { redact } from './redact';

export interface PrintOptions {
  /** Gets each line, without its end. */
  readonly write: (line: string) => void;
  /** Print details, too. */
  readonly verbose: boolean;
  /** Default: as the terminal allows. */
  readonly colors?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const SOURCE_WIDTH = 22;
const MAX_LINE = 400;
const INDENT = ' '.repeat(9);

/** Prints events as lines: the time, who speaks, and what. */
export function printer(options: PrintOptions): LogSink {
  const colors = pc.createColors(options.colors ?? pc.isColorSupported);
  const paint = { info: (text: string) => text, warn: colors.yellow, error: colors.red };
  return (event: LogEvent) => {
    const time = colors.dim(new Date(options.now()).toTimeString().slice(0, 8));
    const message = redact(event.message).replace(/\s*\n\s*/g, ' ');
    const shown = message.length > MAX_LINE && !options.verbose ? `${message.slice(0, MAX_LINE)}…` : message;
    options.write(`${time} ${colors.cyan(event.source.padEnd(SOURCE_WIDTH))} ${paint[event.level](shown)}`);
    for (const line of event.below ?? []) {
      const text = INDENT + redact(line);
      options.write(/^ *at /.test(line) ? colors.dim(text) : text);
    }
    if (options.verbose && event.detail !== undefined) options.write(colors.dim(indent(redact(event.detail))));
  };
}

function indent(text: string): string {
  return text.replace(/^/gm, INDENT);
}
