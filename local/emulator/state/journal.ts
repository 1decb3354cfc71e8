import { closeSync, fsyncSync, openSync, readFileSync, renameSync, truncateSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { remedyOf, StateError } from './errors';

/** Version of the format. It changes when older code cannot read a new format. */
export const STATE_FORMAT = 1;

const NEW_LINE = 0x0a;
const SUM_LENGTH = 8;
/** Bytes that are collected before they are written to a new file. */
const CHUNK_BYTES = 1024 * 1024;

/** Error for a file that cannot be read, with the reason and a remedy. */
class Unreadable extends Error {}

/** Name of a service and one of its records. */
export type JournalEntry = readonly [slot: string, record: unknown];

/**
 * A file to which records are appended, one per line, each with a checksum. A change is acknowledged after its line was
 * written, so the end of the process never loses an acknowledged change. A crash of the operating system may lose
 * acknowledged changes, because writes are not synced to the disk.
 */
export class Journal {
  public bytes = 0;

  private constructor(
    public readonly file: string,
    private readonly fd: number,
  ) {}

  /** Writes a new file with these entries. Only the complete file replaces an older file of that name. */
  public static create(file: string, entries: Iterable<JournalEntry>): Journal {
    const unfinished = `${file}.tmp`;
    const fd = openSync(unfinished, 'w', 0o600);
    const journal = new Journal(file, fd);
    try {
      journal.writeAll({ format: STATE_FORMAT }, entries);
      fsyncSync(fd);
      renameSync(unfinished, file);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return journal;
  }

  /**
   * Reads a file. A process that is killed may leave an incomplete last line. This line is removed, because its change
   * was not acknowledged.
   *
   * @param freshCommand command that starts with an empty state, for error messages
   * @throws StateError if the file is damaged or has another format
   */
  public static read(file: string, freshCommand = ''): JournalEntry[] {
    try {
      return Journal.entriesOf(file);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      throw new StateError(`${file} ${error.message}, or ${remedyOf(freshCommand)}`);
    }
  }

  private static entriesOf(file: string): JournalEntry[] {
    const bytes = readFileSync(file);
    const lines = linesOf(bytes);
    const [header, ...records] = lines.map((line, i) => parseLine(line.text, i));
    checkFormat(header);
    const end = lines.reduce((sum, { length }) => sum + length, 0);
    if (end < bytes.length) truncateSync(file, end);
    return records as JournalEntry[];
  }

  public append(slot: string, record: unknown): void {
    this.write(lineOf([slot, record]));
  }

  public close(): void {
    closeSync(this.fd);
  }

  private writeAll(header: object, entries: Iterable<JournalEntry>): void {
    let chunk: Buffer[] = [lineOf(header)];
    let size = 0;
    for (const entry of entries) {
      const line = lineOf(entry);
      chunk.push(line);
      size += line.length;
      if (size < CHUNK_BYTES) continue;
      this.write(Buffer.concat(chunk));
      chunk = [];
      size = 0;
    }
    this.write(Buffer.concat(chunk));
  }

  /**
   * Writes a line. If the disk is full, the file may contain only a part of the line. This part is removed, because the
   * next line would otherwise be appended to it.
   */
  private write(bytes: Buffer): void {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.fd, bytes, written);
    } catch (error) {
      if (written > 0) this.cutBack();
      throw new StateError(`the state cannot be written to ${this.file}: ${(error as Error).message}`);
    }
    this.bytes += bytes.length;
  }

  private cutBack(): void {
    truncateSync(this.file, this.bytes);
  }
}

function lineOf(value: unknown): Buffer {
  const text = JSON.stringify(value);
  return Buffer.from(`${sumOf(text)} ${text}\n`);
}

function sumOf(text: string): string {
  return crc32(text).toString(16).padStart(SUM_LENGTH, '0');
}

/** Returns only complete lines. */
function linesOf(bytes: Buffer): { readonly text: string; readonly length: number }[] {
  const lines: { text: string; length: number }[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEW_LINE, start);
    if (end < 0) break;
    lines.push({ text: bytes.toString('utf8', start, end), length: end + 1 - start });
    start = end + 1;
  }
  return lines;
}

function parseLine(line: string, index: number): unknown {
  const text = line.slice(SUM_LENGTH + 1);
  if (line.slice(0, SUM_LENGTH) === sumOf(text)) return JSON.parse(text);
  throw damaged(`line ${index + 1} has changed since it was written`);
}

function checkFormat(header: unknown): void {
  if (header === undefined) throw damaged('it is empty');
  const { format } = header as { format?: unknown };
  if (format === STATE_FORMAT) return;
  throw new Unreadable(
    `was written by another version (format ${String(format)}, this version reads ${STATE_FORMAT}). Run that version`,
  );
}

const damaged = (how: string) => new Unreadable(`is damaged: ${how}. Restore it from a copy`);
