import { REQUESTS } from '../../../src/contract';
import {
  announceViewer,
  asEntry,
  asRequest,
  expiry,
  isTerminal,
  type LogEntry,
  logKey,
  type RequestItem,
  requestKey,
  subscriptionKey,
} from '../../core';
import {
  type AckFrame,
  type AttachMessage,
  CONSTANTS,
  exceedsBytes,
  type LogFrame,
  type ProgressFrame,
  StreamerError,
} from '../../protocol';
import { type Connection, connectionExpiry, stillConnected } from '../connect/connection';
import { isSameAttempt, lastProgress } from '../log/last-progress';
import { ensureTerminal, frameOf } from '../log/terminal';
import { type Deps, momentOf } from '../ports';

/** Entries read for one answer; a page also ends before it outgrows a message. */
const PAGE_ENTRIES = 100;
/** Bytes of entries in one answer: a message's limit less the rest of the frame. One entry always goes, however large. */
const PAGE_BYTES = 96 * 1024;

/**
 * Makes the connection a viewer of a request of its user and returns the log from the offset on.
 *
 * A `ref` opens nothing yet: no handler can allow other users of the tenant, so it is no more than the user's own right.
 */
export async function attach(deps: Deps, connection: Connection, message: AttachMessage): Promise<AckFrame> {
  const item = await deps.store.get('requests', { [REQUESTS.partitionKey]: requestKey(connection, message.id) });
  // time to live removes an item some time after its end
  if (!item || Number(item.expiresAt) * 1000 < deps.world.now())
    throw new StreamerError('NOT_FOUND', `There is no request ${message.id} of this user.`);
  return view(deps, connection, asRequest(item), message.offset, message.epoch);
}

/** First a viewer, then a reader: what is appended in between is both read and sent, and the client drops one. */
export async function view(
  deps: Deps,
  connection: Connection,
  request: RequestItem,
  offset: number,
  epoch: string | undefined = request.epoch,
): Promise<AckFrame> {
  if (isTerminal(request.status)) await ensureTerminal(deps, request, 'reader');
  else await becomeViewer(deps, connection, request);
  const wanted = epoch === request.epoch ? offset : 0;
  const page = await readLog(deps, request, wanted);
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

/** A result may be so large that the progress's metadata does not fit into the same message. */
function withProgress(ack: AckFrame, progress: ProgressFrame | undefined): AckFrame {
  if (!progress) return ack;
  const { metadata, ...rest } = progress;
  const whole = { ...ack, progress };
  const fits = metadata === undefined || !exceedsBytes(JSON.stringify(whole), CONSTANTS.limits.serverMessageBytes);
  return fits ? whole : { ...ack, progress: rest };
}

async function becomeViewer(deps: Deps, connection: Connection, request: RequestItem): Promise<void> {
  const log = logKey(request);
  const { connectionId, connectedAt, user } = connection;
  const joined = await deps.store.transact([
    stillConnected(connection),
    {
      kind: 'put',
      table: 'subscriptions',
      key: subscriptionKey(log, connectionId),
      attributes: { connectedAt, user, expiresAt: connectionExpiry(connectedAt) },
    },
    announceViewer(log, expiry(momentOf(deps))),
  ]);
  if (!joined) throw new StreamerError('UNAVAILABLE', 'The connection ended; connect again.');
}

interface Page {
  readonly entries: LogFrame[];
  readonly next: number;
  readonly more: boolean;
  readonly recovered: boolean;
}

async function readLog(deps: Deps, request: RequestItem, offset: number): Promise<Page> {
  const items = await queryLog(deps, request, offset);
  const isAhead = items.length === 0 && offset > 0 && !(await endsAt(deps, request, offset - 1));
  if (isAhead) return { ...(await readLog(deps, request, 0)), recovered: false };
  const first = items[0]?.offset ?? offset;
  const { entries, isFull } = await takePage(deps, request, items);
  return {
    entries,
    next: first + entries.length,
    more: isFull || items.length === PAGE_ENTRIES,
    recovered: first === offset,
  };
}

async function queryLog(deps: Deps, request: RequestItem, from: number): Promise<LogEntry[]> {
  const items = await deps.store.query({ table: 'events', partition: logKey(request), from, limit: PAGE_ENTRIES });
  return items.map(asEntry);
}

/** Whether the log reaches to that offset: else the client is ahead of it, and has seen another log. */
async function endsAt(deps: Deps, request: RequestItem, offset: number): Promise<boolean> {
  return (await queryLog(deps, request, offset)).length > 0;
}

async function takePage(deps: Deps, request: RequestItem, items: LogEntry[]) {
  const entries: LogFrame[] = [];
  let text = '';
  for (const entry of items) {
    const frame = await frameOf(deps, request, entry);
    text += JSON.stringify(frame);
    if (entries.length > 0 && exceedsBytes(text, PAGE_BYTES)) return { entries, isFull: true };
    entries.push(frame);
  }
  return { entries, isFull: false };
}

/** The last progress of the running attempt or, together with a terminal entry, of the attempt that ended the run. */
async function progressOf(
  deps: Deps,
  request: RequestItem,
  last: LogFrame | undefined,
): Promise<ProgressFrame | undefined> {
  const isEnd = last !== undefined && last.type !== 'event';
  if (request.status !== 'RUNNING' && !isEnd) return undefined;
  const progress = await lastProgress(deps, request);
  return !isEnd || isSameAttempt(progress, last) ? progress : undefined;
}
