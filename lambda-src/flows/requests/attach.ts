import {
  announceViewer,
  decodeEntry,
  expiry,
  isTerminal,
  type LogEntry,
  logKey,
  mayRedrive,
  type RequestItem,
  viewerOf,
} from '../../core';
import {
  type AckFrame,
  type AttachMessage,
  CONSTANTS,
  exceedsBytes,
  type LogFrame,
  type ProgressFrame,
} from '../../protocol';
import { type Connection, join } from '../connect/connection';
import { afterEnd, frameOf, isSameAttempt, lastProgress, type ReadableLog, readPage } from '../log/read-log';
import { appendTerminal } from '../log/terminal';
import { type Deps, writeTimeOf } from '../ports';
import { findRequest } from './stored-request';

/**
 * Makes the connection a viewer of a request of its user. Returns the log from an offset on.
 *
 * A `ref` has no effect yet. No handler can give access to other users of the tenant, so a user sees only the user's own requests.
 */
export async function attach(deps: Deps, connection: Connection, message: AttachMessage): Promise<AckFrame> {
  const request = await findRequest(deps, connection, message.id);
  return view(deps, connection, request, message.offset, message.epoch);
}

/** Adds the viewer before it reads the log. Entries that are appended in between are read and also sent, and the client drops the duplicates. */
export async function view(
  deps: Deps,
  connection: Connection,
  request: RequestItem,
  offset: number,
  epoch: string | undefined = request.epoch,
): Promise<AckFrame> {
  if (isTerminal(request.status)) await appendTerminal(deps, request);
  // If a failed request is redriven, its viewers receive the frames of the next run. So the client also becomes a viewer of a failed request.
  if (!isTerminal(request.status) || mayRedrive(request)) await becomeViewer(deps, connection, request);
  const wanted = epoch === request.epoch ? offset : 0;
  const page = await readPage(logOf(deps, request), wanted);
  const recovered = epoch === request.epoch && page.recovered;
  const progress = await progressOf(deps, request, page.entries.at(-1));
  const ack: AckFrame = {
    type: 'ack',
    id: request.id,
    status: request.status,
    epoch: request.epoch,
    ref: request.ref,
    run: request.run,
    offset: page.next,
    entries: page.entries,
    recovered,
    ...(page.more && { more: true }),
  };
  return withProgress(ack, progress);
}

/** Adds the progress to the ack, but leaves out its metadata if the message would be too large because of a large result. */
function withProgress(ack: AckFrame, progress: ProgressFrame | undefined): AckFrame {
  if (!progress) return ack;
  const { metadata, ...rest } = progress;
  const whole = { ...ack, progress };
  const fits = metadata === undefined || !exceedsBytes(JSON.stringify(whole), CONSTANTS.limits.serverMessageBytes);
  return fits ? whole : { ...ack, progress: rest };
}

async function becomeViewer(deps: Deps, connection: Connection, request: RequestItem): Promise<void> {
  const log = logKey(request);
  const viewer = viewerOf(request, connection.connectionId);
  await join(deps, connection, viewer, announceViewer(log, expiry(writeTimeOf(deps))));
}

const logOf = (deps: Deps, request: RequestItem): ReadableLog<LogEntry, LogFrame> => {
  const read = async (from: number, limit: number) =>
    (await deps.store.query({ table: 'events', partition: logKey(request), from, limit })).map(decodeEntry);
  return {
    read,
    // If the entry before `from` exists, the client has read the whole log. Otherwise the log is shorter than the one that the client has read.
    nextOffset: async (from) => (from === 0 || (await read(from - 1, 1)).length > 0 ? from : 0),
    frameOf: (entry) => frameOf(deps, request, entry),
  };
};

/** Returns the last progress of the running attempt. If the log has a terminal entry, returns the progress of the attempt that ended the run. */
async function progressOf(
  deps: Deps,
  request: RequestItem,
  last: LogFrame | undefined,
): Promise<ProgressFrame | undefined> {
  const isEnd = last !== undefined && last.type !== 'event';
  if (request.status !== 'RUNNING' && !isEnd) return undefined;
  const progress = await lastProgress(deps, isEnd ? await afterEnd(deps, request) : request);
  return !isEnd || isSameAttempt(progress, last) ? progress : undefined;
}
