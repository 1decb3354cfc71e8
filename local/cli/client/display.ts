import pc from 'picocolors';
import type { ProgressReport, StreamerError } from '../../../client-sdks/typescript/src';
import { manyLines, oneLine } from '../../emulator/text/printable';
import type { CliIo } from '../command';
import type { Explanation } from './explain';

/** Shows the progress and the end of a request. */
export interface Display {
  /** Called when the request's id is known. With the id, the user can find the request again. */
  begun(id: string): void;
  progress(report: ProgressReport): void;
  event(event: { readonly name: string; readonly data: unknown; readonly offset: number }): void;
  /** Shows a line about the connection. */
  note(text: string): void;
  result(result: unknown): void;
  error(error: StreamerError, more?: ErrorNotes): void;
  /** Called when the command stops waiting although the request has not ended. */
  left(id: string, why: string): void;
}

/** Additional information about an error. */
export interface ErrorNotes extends Partial<Explanation> {
  /** Remedy of the problem. */
  readonly hint?: string;
}

type Io = Pick<CliIo, 'write' | 'tell' | 'draw'>;

/** Output for programs: one line of JSON per event, on stdout. */
export function jsonDisplay({ write }: Io): Display {
  const line = (type: string, fields: object) => write(oneLine(JSON.stringify({ type, ...fields })));
  return {
    begun: (id) => line('request', { id }),
    progress: (report) => line('progress', report),
    event: (event) => line('event', event),
    note: (message) => line('note', { message }),
    result: (result) => line('result', { result }),
    error: ({ code, message, retryable, details, partial }, notes) =>
      line('error', { error: { code, message, retryable, details }, partial, ...notes }),
    left: (id, reason) => line('left', { id, reason }),
  };
}

const BAR_WIDTH = 24;
const MAX_MESSAGE = 48;
const CLEAR_LINE = '\r\u001b[2K';

/**
 * Output for people: only the result goes to stdout. Everything else goes to stderr, with a progress bar if stderr is a
 * terminal.
 */
export function humanDisplay({ write, tell, draw }: Io): Display {
  const bar = draw && new Bar(draw);
  let last = '';
  const say = (text: string) => {
    bar?.clear();
    tell(text);
    bar?.redraw();
  };
  const end = () => bar?.clear();
  return {
    begun: (id) => say(pc.dim(`request ${oneLine(id)}`)),
    progress: (report) => {
      const text = progressText(report);
      if (bar) bar.show(report.percentage, text);
      else if (text !== last) tell(text);
      last = text;
    },
    event: ({ name, data }) =>
      say(`${pc.cyan(oneLine(name))} ${data === undefined ? '' : oneLine(JSON.stringify(data))}`.trimEnd()),
    note: (text) => say(pc.yellow(oneLine(text))),
    result: (result) => {
      end();
      write(manyLines(String(JSON.stringify(result, undefined, 2))));
    },
    error: ({ code, message, details, partial }, { hint, thrown, console } = {}) => {
      end();
      tell(pc.red(`error: ${oneLine(code)}: ${manyLines(message)}`));
      if (thrown) tell(thrownText(thrown));
      if (details !== undefined) tell(manyLines(JSON.stringify(details, undefined, 2)));
      if (partial !== undefined) tell(`partial result: ${manyLines(JSON.stringify(partial, undefined, 2))}`);
      if (hint !== undefined) tell(manyLines(hint));
      if (console !== undefined) tell(pc.dim(`  ${oneLine(console)}`));
    },
    left: (id, why) => {
      end();
      tell(`${why}: the request continues. To see its result: npx cdk-streamer attach ${oneLine(id)}`);
      tell(`To stop it: npx cdk-streamer cancel ${oneLine(id)}`);
    },
  };
}

function thrownText({ title, place }: NonNullable<ErrorNotes['thrown']>): string {
  return `  ${manyLines(title)}${place === undefined ? '' : `\n    at ${oneLine(place)}`}`;
}

function progressText({ percentage, message, run, attempt }: ProgressReport): string {
  const counters = [...(run > 1 ? [`run ${run}`] : []), ...(attempt > 1 ? [`attempt ${attempt}`] : [])].join(', ');
  const parts = [`${Math.floor(percentage)} %`, message ?? '', counters && `(${counters})`];
  const text = parts.filter((part) => part !== '').join(' ');
  return oneLine(text.replaceAll(/\s+/g, ' '));
}

/** A progress bar in one line, which each update overwrites. */
class Bar {
  private line = '';

  public constructor(private readonly draw: (text: string) => void) {}

  public show(percentage: number, text: string): void {
    const full = Math.round((BAR_WIDTH * percentage) / 100);
    const cut = text.slice(0, MAX_MESSAGE);
    this.line = `${pc.green('█'.repeat(full))}${pc.dim('░'.repeat(BAR_WIDTH - full))} ${cut}`;
    this.redraw();
  }

  public clear(): void {
    if (this.line !== '') this.draw(CLEAR_LINE);
  }

  public redraw(): void {
    if (this.line !== '') this.draw(`${CLEAR_LINE}${this.line}`);
  }
}
