import { createHash } from 'node:crypto';
import {
  type Announcement,
  announcementOf,
  backoff,
  type EndRecord,
  isTerminal,
  logKey,
  type RequestItem,
} from '../../core';
import type { Log, Platform } from '../ports';

/** A receiver of announcements. */
export interface Sink {
  /** Name of the receiver, for log lines about failures. */
  readonly name: string;
  /** @returns indexes of the announcements that were not accepted */
  send(announcements: readonly Announcement[]): Promise<number[]>;
}

/** The end of a request, and the stream record that reported it. */
export interface AnnouncedRecord extends EndRecord {
  readonly sequenceNumber: string;
}

export interface AnnounceDeps {
  readonly sinks: readonly Sink[];
  readonly api: string;
  readonly platform: Pick<Platform, 'random' | 'sleep'>;
  readonly log: Log;
}

/**
 * Maximum number of times that an announcement is sent within one invocation. If it is still not accepted, Lambda delivers its record again, together
 * with all later records of the shard.
 */
const MAX_ATTEMPTS = 3;
const BACKOFF = { baseMs: 400, maxMs: 2_000 };

/**
 * Returns an id for one end of a request, which is the same in each announcement of it. The id differs after a redrive. It also differs for a request
 * that is created again under the same id after its retention.
 */
export function eventId(request: Pick<RequestItem, 'requestKey' | 'epoch' | 'run'>): string {
  const name = `${logKey(request)}#${request.run}`;
  return `evt_${createHash('sha256').update(name).digest('base64url').slice(0, 32)}`;
}

/**
 * Sends the announcements of ended requests to every sink.
 *
 * @returns sequence numbers of the records that Lambda must deliver again
 */
export async function announce(deps: AnnounceDeps, records: readonly AnnouncedRecord[]): Promise<string[]> {
  const ended = records.filter(({ request }) => isTerminal(request.status));
  const announcements = ended.map((record) => announcementOf(record, deps.api, eventId(record.request)));
  const unsent = await Promise.all(deps.sinks.map((sink) => sendAll(deps, sink, announcements)));
  const again = new Set(unsent.flat());
  return ended.filter((_, index) => again.has(index)).map(({ sequenceNumber }) => sequenceNumber);
}

/** Sends the announcements, and repeats those that were not accepted. */
async function sendAll(deps: AnnounceDeps, sink: Sink, announcements: readonly Announcement[]): Promise<number[]> {
  let left = announcements.map((_, index) => index);
  for (let attempt = 1; left.length > 0; attempt++) {
    const failed = await attemptSend(
      deps,
      sink,
      left.map((index) => announcements[index] as Announcement),
    );
    left = failed.map((index) => left[index] as number);
    if (left.length === 0 || attempt === MAX_ATTEMPTS) break;
    await deps.platform.sleep(backoff(BACKOFF, attempt, deps.platform.random()));
  }
  if (left.length > 0) deps.log.error('could not announce', { sink: sink.name, count: left.length });
  return left;
}

async function attemptSend(
  { log }: AnnounceDeps,
  sink: Sink,
  announcements: readonly Announcement[],
): Promise<number[]> {
  try {
    return await sink.send(announcements);
  } catch (error) {
    log.warn('could not reach a sink', { sink: sink.name, error });
    return announcements.map((_, index) => index);
  }
}
