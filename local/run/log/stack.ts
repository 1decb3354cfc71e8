import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A place in a file. Lines and columns count from 1, as in stacks. */
export interface Place {
  /** Absolute. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Place in the sources from which a place in a bundle was built. */
export interface Origin extends Place {
  /** Whether the code is not the user's own: it is of a package, or was added by the bundler. */
  readonly library: boolean;
  /** Original name of the identifier at that place, if the bundle has another one. */
  readonly name?: string;
  /** Whether the source has such a word, so that a name in it was not made by the minifier. */
  says(word: string): boolean;
}

/** Finds where a place of a bundle was written; undefined for code that was not bundled here. */
export type Locate = (place: Place) => Origin | undefined;

/** Finds the sources of the running code. */
export interface Sources {
  /** Adds a folder that functions run from. Files of other folders are not read, whatever a frame names. */
  runsFrom(folder: string): void;
  readonly locate: Locate;
  /** Resolves when the places that these lines name can be located, and never rejects. @returns undefined if they can be located now */
  ready(lines: readonly string[]): Promise<void> | undefined;
}

export interface StackOptions {
  readonly locate?: Locate;
  /** Paths are shown relative to it. */
  readonly cwd: string;
  /** Leave out no frame of the user's code, of libraries and of the runtime. */
  readonly whole?: boolean;
}

const FRAME = /^\s+at (?:(.*) \(|async )?((?:file:\/\/|\/|[A-Za-z]:[\\/]).*?):(\d+):(\d+)\)?(?: \{)?$/;
const ANY_FRAME = /^\s+at \S/;
const RUNTIME_CLIENT = /[\\/]runtime-client\.[jt]s$/;
/** Maximum number of frames that are shown of a stack without frames of the application. */
const LIBRARY_FRAMES = 3;
const MAX_FRAMES = 10;
/** Lines of a stack that are read. */
const MAX_LINES = 1000;
/** Maximum number of characters of a frame: longer lines are no frames. It bounds the backtracking of {@link FRAME}. */
const MAX_FRAME_LENGTH = 1024;

/** A line of a stack, which the line before it sums up. */
export function isStackFrame(line: string): boolean {
  return ANY_FRAME.test(line);
}

/**
 * Selects the frames of a stack that a developer needs: the places in their own sources, and the one in a library where it
 * began; each as `at name (file:line:column)`.
 */
export function describeFrames(lines: readonly string[], options: StackOptions): string[] {
  const frames = framesOf(lines, options.locate);
  return (options.whole ? frames : useful(frames)).map((frame) =>
    format(frame, frames[frames.indexOf(frame) + 1], options.cwd),
  );
}

/** The first position of a stack in the user's own sources, as `at name (file:line:column)`; undefined if there is none. */
export function ownPlace(lines: readonly string[], { locate, cwd }: StackOptions): string | undefined {
  const frames = framesOf(lines, locate);
  const at = frames.findIndex((frame) => !isLibrary(frame));
  return at < 0 ? undefined : format(frames[at] as Frame, frames[at + 1], cwd);
}

interface Frame extends Place {
  /** In V8's notation: `async run`, `new Report`, `Object.run [as handler]`. */
  readonly call: string;
  readonly origin: Origin | undefined;
}

function framesOf(lines: readonly string[], locate: Locate | undefined): Frame[] {
  return lines.slice(0, MAX_LINES).flatMap((line) => parseFrame(line, locate) ?? []);
}

/** Parses one line of a stack. @returns undefined if it is not a frame. Any string may look like a frame, so that its file may not be a path. */
function parseFrame(line: string, locate: Locate | undefined): Frame | undefined {
  if (line.length > MAX_FRAME_LENGTH) return undefined;
  const [, call = '', file = '', row, column] = FRAME.exec(line) ?? [];
  if (file === '') return undefined;
  const named = file.startsWith('file:') ? pathOf(file) : file;
  if (named === undefined) return undefined;
  const place = { file: named, line: Number(row), column: Number(column) };
  return { ...place, call, origin: originOf(place, locate) };
}

/** Converts a file URL to a path. @returns undefined for a URL of another host, and for one with an escaped slash */
function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** A map that cannot be read locates nothing. */
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
 * Methods keep their names in a minified bundle. A function's name is known at the place of its call: V8 gives the place
 * of the callee's identifier. Where neither helps, no name is better than a wrong one.
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
