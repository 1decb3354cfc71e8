import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A position in a file. Lines and columns count from 1, as in stack traces. */
export interface Place {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Position in the sources that corresponds to a position in a bundle. */
export interface Origin extends Place {
  /** Whether the code is not the user's: it is from a package, or the bundler added it. */
  readonly library: boolean;
  /** Original name of the identifier at this position, if its name in the bundle is different. */
  readonly name?: string;
  /**
   * Returns whether the source contains a word. A name of the bundle that the source does not contain comes from the
   * minifier.
   */
  says(word: string): boolean;
}

/** Finds the source position for a position in a bundle. Returns undefined for code that was not bundled here. */
export type Locate = (place: Place) => Origin | undefined;

/** Finds the sources of the running code. */
export interface Sources {
  /** Adds a folder with functions' code. Files in other folders are not read, even if a stack frame names them. */
  runsFrom(folder: string): void;
  readonly locate: Locate;
  /**
   * Resolves when the positions in these lines can be located. It never rejects.
   *
   * @returns undefined if they can be located now
   */
  ready(lines: readonly string[]): Promise<void> | undefined;
}

export interface StackOptions {
  readonly locate?: Locate;
  /** Folder to which the shown paths are relative. */
  readonly cwd: string;
  /** Whether to keep all stack frames, including those of libraries and of the runtime. @default false */
  readonly whole?: boolean;
}

const FRAME = /^\s+at (?:(.*) \(|async )?((?:file:\/\/|\/|[A-Za-z]:[\\/]).*?):(\d+):(\d+)\)?(?: \{)?$/;
const ANY_FRAME = /^\s+at \S/;
const RUNTIME_CLIENT = /[\\/]runtime-client\.[jt]s$/;
/** Maximum number of frames that are shown if a stack trace has no frame of the application. */
const LIBRARY_FRAMES = 3;
const MAX_FRAMES = 10;
/** Maximum number of lines of a stack trace that are read. */
const MAX_LINES = 1000;
/**
 * Maximum number of characters of a frame. A longer line is not a frame. The maximum limits the backtracking of {@link
 * FRAME}.
 */
const MAX_FRAME_LENGTH = 1024;

/** Whether a line is a frame of a stack trace. */
export function isStackFrame(line: string): boolean {
  return ANY_FRAME.test(line);
}

/**
 * Selects the frames of a stack trace that a developer needs: those in their own sources, and the library frame in
 * which the error occurred. Each has the form `at name (file:line:column)`.
 */
export function describeFrames(lines: readonly string[], options: StackOptions): string[] {
  const frames = framesOf(lines, options.locate);
  return (options.whole ? frames : useful(frames)).map((frame) =>
    format(frame, frames[frames.indexOf(frame) + 1], options.cwd),
  );
}

/**
 * Returns the first position of a stack trace in the user's own sources, as `at name (file:line:column)`. Returns
 * undefined if there is none.
 */
export function ownPlace(lines: readonly string[], { locate, cwd }: StackOptions): string | undefined {
  const frames = framesOf(lines, locate);
  const at = frames.findIndex((frame) => !isLibrary(frame));
  return at < 0 ? undefined : format(frames[at] as Frame, frames[at + 1], cwd);
}

interface Frame extends Place {
  /** Call in V8's notation: `async run`, `new Report`, `Object.run [as handler]`. */
  readonly call: string;
  readonly origin: Origin | undefined;
}

function framesOf(lines: readonly string[], locate: Locate | undefined): Frame[] {
  return lines.slice(0, MAX_LINES).flatMap((line) => parseFrame(line, locate) ?? []);
}

/**
 * Parses one line of a stack trace. Any string may look like a frame, so the file of a frame is not always a path.
 *
 * @returns undefined if the line is not a frame
 */
function parseFrame(line: string, locate: Locate | undefined): Frame | undefined {
  if (line.length > MAX_FRAME_LENGTH) return undefined;
  const [, call = '', file = '', row, column] = FRAME.exec(line) ?? [];
  if (file === '') return undefined;
  const named = file.startsWith('file:') ? pathOf(file) : file;
  if (named === undefined) return undefined;
  const place = { file: named, line: Number(row), column: Number(column) };
  return { ...place, call, origin: originOf(place, locate) };
}

/**
 * Converts a file URL to a path.
 *
 * @returns undefined for a URL with a host or an escaped slash
 */
function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** Locates a position. If the source map cannot be read, the result is undefined. */
function originOf(place: Place, locate: Locate | undefined): Origin | undefined {
  try {
    return locate?.(place);
  } catch {
    return undefined;
  }
}

function useful(frames: readonly Frame[]): Frame[] {
  const ours = frames.filter((frame) => !isLibrary(frame));
  const [first] = frames.filter(({ file }) => !RUNTIME_CLIENT.test(file));
  if (ours.length === 0) return frames.filter(({ file }) => !RUNTIME_CLIENT.test(file)).slice(0, LIBRARY_FRAMES);
  return [...(first && isLibrary(first) ? [first] : []), ...ours].slice(0, MAX_FRAMES);
}

function isLibrary({ file, origin }: Frame): boolean {
  return origin?.library ?? (RUNTIME_CLIENT.test(file) || /[\\/]node_modules[\\/]/.test(file));
}

function format(frame: Frame, caller: Frame | undefined, cwd: string): string {
  const { file, line, column } = frame.origin ?? frame;
  const place = `${path.relative(cwd, file).split(path.sep).join('/')}:${line}:${column}`;
  const name = nameOf(frame, caller);
  return name === '' ? `at ${place}` : `at ${name} (${place})`;
}

/**
 * Returns the name of a frame's function. Methods keep their names in a minified bundle. The name of another function
 * is found at the position of its call, because V8 reports the position of the called identifier. If neither gives a
 * name, the result is empty, because a wrong name would be worse.
 */
function nameOf({ call, origin }: Frame, caller: Frame | undefined): string {
  const [, prefix = '', name = ''] = /^((?:async |new )*)(.*)$/.exec(call) ?? [];
  if (!origin) return call;
  const method = /^[^.\s]+\.(?:.*\.)?([^.\s]+)/.exec(name)?.[1];
  if (method !== undefined) return prefix + method;
  if (origin.says(name)) return prefix + name;
  const known = prefix.startsWith('async') ? undefined : caller?.origin?.name;
  return known === undefined ? '' : prefix + known;
}
