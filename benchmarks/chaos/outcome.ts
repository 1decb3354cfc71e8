import { type Item, isTerminal, type LogEntry, type RequestItem } from '../../lambda-src/core';
import type { Delivered, Viewer } from './viewer';

/** State after an experiment: the viewers, and the stored logs by the id of the request. */
export interface Outcome {
  readonly viewers: readonly Viewer[];
  readonly logs: ReadonlyMap<string, StoredLog>;
  /** Number of faults of each kind that took effect. */
  readonly faults: Readonly<Record<string, number>>;
  /** Number of processes that ended early. */
  readonly kills: number;
  /** Duration of the experiment in milliseconds. */
  readonly durationMs: number;
}

/** The stored request and its log. */
export interface StoredLog {
  /** Whether the request is stored and has ended. */
  readonly hasEnded: boolean;
  /** Number of terminal entries. */
  readonly ends: number;
  /** Number of attempts. */
  readonly attempts: number;
  /** The events of the handler, as an application receives them. */
  readonly events: readonly Delivered[];
  /** Offset of the last attempt's first entry. */
  readonly lastAttempt: number;
  /** The outcome in the form of {@link Viewer.outcome}. */
  readonly outcome: unknown;
}

/**
 * Describes a stored log.
 *
 * @param status status of the request; undefined if there is none
 * @param items entries of the log, in the order of their offsets
 */
export function storedLog(status: RequestItem['status'] | undefined, items: readonly Item[]): StoredLog {
  const entries = items as unknown as readonly LogEntry[];
  const markers = entries.filter(isMarker);
  const ends = entries.flatMap((entry) => (entry.kind === 'end' ? [entry] : []));
  return {
    hasEnded: status !== undefined && isTerminal(status),
    ends: ends.length,
    attempts: markers.length,
    events: entries.flatMap(delivered),
    lastAttempt: markers.at(-1)?.offset ?? 0,
    outcome: outcomeOf(ends.at(-1)),
  };
}

const isMarker = (entry: LogEntry): boolean => entry.kind === 'event' && entry.name === '$attempt';

function delivered(entry: LogEntry): Delivered[] {
  if (entry.kind !== 'event' || isMarker(entry)) return [];
  const { offset, name, data } = entry;
  return [{ offset, name, data: data === undefined ? undefined : JSON.parse(data) }];
}

function outcomeOf(end: Extract<LogEntry, { kind: 'end' }> | undefined): unknown {
  if (!end) return undefined;
  const { outcome } = end;
  if (outcome.kind === 'error') return { error: (JSON.parse(outcome.error) as { code: string }).code };
  return { result: 'body' in outcome ? JSON.parse(outcome.body) : 'a body in a separate item' };
}
