import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { Blobs } from './blobs';
import { Journal, type JournalEntry } from './journal';
import { takeLock } from './lock';
import type { StateSlot } from './slot';

export interface RunStateOptions {
  /** Folder that contains only this state. It is created if it does not exist. */
  readonly folder: string;
  /** Whether to discard the existing state. @default false */
  readonly fresh?: boolean;
  /**
   * Command with which the user starts with an empty state, for error messages. @default - messages contain no command
   */
  readonly freshCommand?: string;
}

const JOURNAL = 'journal.log';
/**
 * Minimum growth of a journal in bytes before it is rewritten. The journal must also be several times as large as the
 * state.
 */
const SMALLEST_CHECKPOINT_BYTES = 16 * 1024 * 1024;
const GROWTH = 3;

/**
 * State of a run in a folder of the project. It consists of a journal of all changes, which is regularly rewritten, and
 * of the contents of objects.
 */
export class RunState {
  public readonly blobs: Blobs;
  private readonly snapshots = new Map<string, () => Iterable<unknown>>();
  private journal: Journal | undefined;
  private checkpointBytes = 0;
  private scheduled = false;

  private constructor(
    private readonly folder: string,
    private readonly kept: Map<string, unknown[]>,
    private readonly unlock: () => void,
    freshCommand?: string,
  ) {
    this.blobs = new Blobs(path.join(folder, 'blobs'), freshCommand);
  }

  /**
   * Opens the state and takes its lock.
   *
   * @throws StateError if another run has the lock, or if the state cannot be read
   */
  public static open({ folder, fresh = false, freshCommand }: RunStateOptions): RunState {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const unlock = takeLock(folder);
    try {
      if (fresh) empty(folder);
      const file = path.join(folder, JOURNAL);
      const entries = existsSync(file) ? Journal.read(file, freshCommand) : [];
      return new RunState(folder, bySlot(entries), unlock, freshCommand);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** Whether the state is empty, because no state of an earlier run exists. */
  public get isEmpty(): boolean {
    return this.kept.size === 0;
  }

  public slot(name: string): StateSlot {
    return {
      restore: () => {
        const records = this.kept.get(name) ?? [];
        this.kept.set(name, []);
        return records;
      },
      append: (record) => this.append(name, record),
      onSnapshot: (snapshot) => {
        this.snapshots.set(name, snapshot);
      },
    };
  }

  /** Starts to store changes. It must be called after all services have restored their state. */
  public begin(): void {
    this.checkpoint();
  }

  /** Writes a new journal with the current state. */
  public checkpoint(): void {
    const old = this.journal;
    this.journal = Journal.create(path.join(this.folder, JOURNAL), this.entries());
    this.checkpointBytes = this.journal.bytes;
    old?.close();
  }

  public close(): void {
    this.journal?.close();
    this.journal = undefined;
    this.unlock();
  }

  /**
   * Appends a record. Records before the first checkpoint are ignored, because that checkpoint writes the restored
   * state. Records after the end are ignored, because no client waits for them.
   */
  private append(name: string, record: unknown): void {
    if (!this.journal) return;
    this.journal.append(name, record);
    if (this.scheduled || this.journal.bytes < this.limit()) return;
    this.scheduled = true;
    // between two callbacks of the event loop, the state of each service is consistent
    setImmediate(() => {
      this.scheduled = false;
      if (this.journal) this.checkpoint();
    });
  }

  private limit(): number {
    return Math.max(SMALLEST_CHECKPOINT_BYTES, GROWTH * this.checkpointBytes);
  }

  /** Returns all records of a new journal. They include the records of services that this run does not have. */
  private *entries(): Generator<JournalEntry> {
    for (const [name, records] of this.kept) {
      if (!this.snapshots.has(name)) for (const record of records) yield [name, record];
    }
    for (const [name, snapshot] of this.snapshots) for (const record of snapshot()) yield [name, record];
  }
}

function bySlot(entries: readonly JournalEntry[]): Map<string, unknown[]> {
  const slots = new Map<string, unknown[]>();
  for (const [name, record] of entries) {
    const records = slots.get(name);
    if (records) records.push(record);
    else slots.set(name, [record]);
  }
  return slots;
}

function empty(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('lock')) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}
