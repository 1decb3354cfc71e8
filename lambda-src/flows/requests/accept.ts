import { type AcceptConfig, REQUESTS } from '../../../src/contract';
import {
  accept,
  type Debounced,
  debounced,
  decodePeriod,
  decodeRequest,
  expiry,
  isExpired,
  type Key,
  logKey,
  type Origin,
  type Owner,
  periodKey,
  putPeriod,
  type QuietPeriod,
  type RequestItem,
  requestKey,
  startOfRun,
  storeInput,
  supersede,
  UncertainWrite,
  userKey,
  viewerOf,
} from '../../core';
import { type AckFrame, CONSTANTS, type DebounceRule, type RequestMessage, StreamerError } from '../../protocol';
import { type Connection, join } from '../connect/connection';
import { type Deps, type WriteResult, writeTimeOf } from '../ports';
import { view } from './attach';
import { hashOf } from './canonical';

/**
 * Stores the request, and returns its acknowledgment. If the client repeats a request with the same id and payload, the acknowledgment contains the
 * request's current state.
 */
export async function acceptRequest(
  deps: Deps,
  connection: Connection,
  message: RequestMessage,
  config: AcceptConfig,
): Promise<AckFrame> {
  const { connectionId, connectedAt } = connection;
  // If the request is cancelled after its viewers have left, its first viewer needs a subscription, too, which records that the viewer has left.
  const prepare = async (request: RequestItem) => {
    if (request.cancelAfterMs !== undefined) await join(deps, connection, viewerOf(request, connectionId));
  };
  const asked = { owner: connection, message, config, origin: { connectionId, connectedAt }, prepare };
  const { request, replayed } = await storeRequest(deps, asked);
  if (!replayed) return acknowledge(request);
  const ack = await view(deps, connection, request, 0).catch((error) => {
    // A plain refusal would mean that the request is not stored, so the error is an unknown outcome.
    throw outcomeUnknown('The request is stored, but its state could not be read', error);
  });
  return { ...ack, replayed: true };
}

function acknowledge({ id, status, epoch, ref, run }: RequestItem): AckFrame {
  return { type: 'ack', id, status, epoch, ref, run, offset: 0 };
}

const MAX_AHEAD_MS = CONSTANTS.timing.notBeforeDays * 86_400_000;

/** The properties of an action that decide when and where its requests start. */
interface StartRules extends Pick<AcceptConfig, 'priorities'> {
  readonly kind: 'sync' | 'async';
}

/**
 * Checks the fields of a request that decide when and where it starts.
 *
 * @throws StreamerError `INVALID_MESSAGE`, `UNKNOWN_PRIORITY`
 */
export function checkStart(message: RequestMessage, rules: StartRules, now: number): void {
  checkPriority(message, rules);
  checkTime(message, rules, now);
  checkDebounce(message, rules);
}

function checkPriority({ action, priority }: RequestMessage, { priorities = [] }: StartRules): void {
  if (priority === undefined || priorities.includes(priority)) return;
  const remedy =
    priorities.length === 0
      ? `${action} has no priority classes: leave \`priority\` out.`
      : `The classes of ${action} are ${priorities.join(', ')}. Use one of them, or leave \`priority\` out.`;
  throw new StreamerError('UNKNOWN_PRIORITY', `There is no priority class ${priority}. ${remedy}`, {
    details: { priorities: [...priorities] },
  });
}

function checkTime({ notBefore }: RequestMessage, { kind }: StartRules, now: number): void {
  if (notBefore === undefined) return;
  if (kind === 'sync') throw invalidStart('notBefore', RUNS_AT_ONCE);
  if (notBefore - now > MAX_AHEAD_MS) {
    throw invalidStart(
      'notBefore',
      `must be at most ${CONSTANTS.timing.notBeforeDays} days ahead, in milliseconds since 1970`,
    );
  }
}

const RUNS_AT_ONCE = 'must be absent: a sync action runs at once';

function checkDebounce({ debounce, notBefore }: RequestMessage, { kind }: StartRules): void {
  if (!debounce) return;
  if (kind === 'sync') throw invalidStart('debounce', RUNS_AT_ONCE);
  if (notBefore !== undefined) throw invalidStart('debounce', 'must be absent if `notBefore` is given');
  const { waitMs, maxWaitMs = waitMs } = debounce;
  if (maxWaitMs < waitMs) throw invalidStart('debounce.maxWaitMs', 'must be at least `waitMs`');
}

function invalidStart(path: string, message: string): StreamerError {
  return new StreamerError('INVALID_MESSAGE', `\`${path}\` ${message}.`, { details: { issues: [{ path, message }] } });
}

/** Maximum characters of an input that is stored on the request's item. A larger item would make each write more expensive. */
const INLINE_INPUT_CHARS = 2_048;

export type StoreDeps = Pick<Deps, 'store' | 'platform' | 'retentionSeconds'>;

export interface NewRequest {
  readonly owner: Owner;
  /** The message, with a validated input. */
  readonly message: RequestMessage;
  /** Settings of the action. */
  readonly config: AcceptConfig;
  /** The connection that sent the request; undefined if the request came without a connection. */
  readonly origin?: Origin;
  /** Called before the request is stored. If it throws, the request is not stored. */
  readonly prepare?: (request: RequestItem) => Promise<void>;
}

export interface StoredRequest {
  readonly request: RequestItem;
  /** Whether the request existed before this message. */
  readonly replayed: boolean;
}

/**
 * Stores a request once. If the same id and payload are stored already, returns the existing request.
 *
 * @throws StreamerError `DUPLICATE_REQUEST` if the id belongs to another payload, `OUTCOME_UNKNOWN` if it is not known whether the request
 * was stored
 */
export async function storeRequest(deps: StoreDeps, asked: NewRequest): Promise<StoredRequest> {
  const { request, input } = build(deps, asked);
  const { applied, item } = await write(deps, asked, request, input).catch((error) => readBack(deps, request, error));
  if (applied) return { request: item ? decodeRequest(item) : request, replayed: false };
  const existing = item ? decodeRequest(item) : request;
  if (existing.inputHash === request.inputHash) return { request: existing, replayed: true };
  throw new StreamerError(
    'DUPLICATE_REQUEST',
    `The id ${request.id} belongs to a request with another action or input. Use a new id.`,
  );
}

async function write(
  deps: StoreDeps,
  asked: NewRequest,
  request: RequestItem,
  input: string | undefined,
): Promise<WriteResult> {
  await asked.prepare?.(request);
  await storeLongInput(deps, request, input);
  const { debounce } = asked.message;
  if (debounce) return writeDebounced(deps, asked, request, debounce);
  return deps.store.write(accept(request, { now: deps.platform.now() }));
}

async function storeLongInput({ store }: StoreDeps, request: RequestItem, input: string | undefined): Promise<void> {
  if (input === undefined || request.input !== undefined) return;
  await store.write(storeInput(logKey(request), input, request.expiresAt));
}

/** Maximum number of times in a row that other requests with the same key may be stored first. */
const DEBOUNCE_ROUNDS = 30;

/**
 * Stores a request that replaces the previous one with the same key. One transaction stores the new request, makes it the latest one of its quiet period,
 * and ends the previous one. If another request or a claim comes in between, nothing is written, and the next round decides again.
 */
async function writeDebounced(
  deps: StoreDeps,
  asked: NewRequest,
  built: RequestItem,
  rule: DebounceRule,
): Promise<WriteResult> {
  const key = periodKey(asked.owner, hashOf([asked.message.action, rule.key]));
  for (let round = 0; round < DEBOUNCE_ROUNDS; round++) {
    const existing = await deps.store.get('requests', requestsKey(built.requestKey));
    if (existing && !isExpired(existing, deps.platform.now())) {
      return { applied: existing.ref === built.ref, item: existing };
    }
    const item = await deps.store.get('events', key);
    const period = item && decodePeriod(item);
    const latest = period?.requestKey === built.requestKey ? undefined : await latestOf(deps, period);
    const now = deps.platform.now();
    const place = debounced(rule, latest, now);
    const request = { ...built, ...timesOf(deps, asked, built.requestKey, { now, start: place.start }) };
    if (await takePlace(deps, key, period, place, request)) return { applied: true, item: { ...request } };
  }
  throw new StreamerError('UNAVAILABLE', 'Too many requests with the same debounce key were sent at once. Try again.');
}

const requestsKey = (requestKey: string): Key => ({ [REQUESTS.partitionKey]: requestKey });

async function latestOf({ store }: StoreDeps, period: QuietPeriod | undefined) {
  const item = period && (await store.get('requests', requestsKey(period.requestKey)));
  return item && { period, request: decodeRequest(item) };
}

/** @throws UncertainWrite if the outcome of the transaction is unknown */
async function takePlace(
  deps: StoreDeps,
  key: Key,
  previous: QuietPeriod | undefined,
  { firstAt, earlier }: Debounced,
  request: RequestItem,
): Promise<boolean> {
  const at = writeTimeOf(deps);
  const { requestKey, ref, expiresAt } = request;
  const writes = [
    accept(request, at),
    putPeriod(key, { requestKey, ref, firstAt }, previous, expiresAt),
    ...(earlier ? [supersede(earlier, request.id, at)] : []),
  ];
  return deps.store.transact(writes).catch((error) => {
    throw new UncertainWrite(error);
  });
}

/**
 * Determines the result of a failed write from the stored item. The item may come from this write, whose response was lost. It may also come from an
 * earlier write of the same request, whose answer never reached the client. The random `ref` of the item shows which of the two wrote it.
 *
 * @throws the given error, if certainly nothing was stored
 */
async function readBack(deps: StoreDeps, request: RequestItem, error: unknown): Promise<WriteResult> {
  const unknown = outcomeUnknown('Whether the request was stored is unknown', error);
  const item = await deps.store.get('requests', requestsKey(request.requestKey)).catch(() => {
    throw unknown;
  });
  // An expired item does not count, because the next write replaces it.
  if (item && !isExpired(item, deps.platform.now())) return { applied: item.ref === request.ref, item };
  throw error instanceof UncertainWrite ? unknown : error;
}

/** Creates an error that is neither an acknowledgment nor a refusal. The client can send the same request again, and then gets an answer. */
export const outcomeUnknown = (what: string, cause: unknown): StreamerError =>
  new StreamerError('OUTCOME_UNKNOWN', `${what}. Send it again with the same id.`, { cause });

function build(deps: StoreDeps, asked: NewRequest) {
  const { owner, message, config, origin } = asked;
  const now = deps.platform.now();
  const start = Math.max(now, message.notBefore ?? now + (message.debounce?.waitMs ?? 0));
  const { tenant, user } = owner;
  const key = requestKey(owner, message.id);
  const input = message.input === undefined ? undefined : JSON.stringify(message.input);
  const request: RequestItem = {
    requestKey: key,
    tenant,
    user,
    id: message.id,
    action: message.action,
    ref: deps.platform.newId(),
    epoch: deps.platform.newId().slice(0, 12),
    status: 'PENDING',
    fence: 0,
    attempt: 0,
    maxAttempts: config.maxAttempts,
    run: 1,
    createdAt: now,
    inputHash: payloadHash(message),
    ...(origin && { origin }),
    userKey: userKey(owner),
    ...timesOf(deps, asked, key, { now, start }),
    ...(config.cancelAfterMs !== undefined && { cancelAfterMs: config.cancelAfterMs }),
    ...(input !== undefined && input.length <= INLINE_INPUT_CHARS && { input }),
    ...(message.trace !== undefined && { trace: message.trace }),
    ...(message.priority !== undefined && { priority: message.priority }),
  };
  return { request, input };
}

/** Returns the times of a request that is accepted at `now`, and starts then or later. */
function timesOf(
  { retentionSeconds }: StoreDeps,
  { message, config }: NewRequest,
  requestKey: string,
  { now, start }: { readonly now: number; readonly start: number },
) {
  return {
    pendingSince: start,
    ...(start > now && { notBefore: start }),
    expiresAt: expiry({ now: start, retentionSeconds }),
    ...startOfRun(requestKey, now, deadlineOf(message, config, now, start), start),
  };
}

/** Returns the earlier of two deadlines. The message's deadline counts from the acceptance, and the action's deadline from the earliest start. */
function deadlineOf(message: RequestMessage, config: AcceptConfig, now: number, start: number) {
  const { deadlineMs: asked = Number.POSITIVE_INFINITY } = message;
  const { deadlineMs: allowed = Number.POSITIVE_INFINITY } = config;
  const deadlineMs = Math.min(asked, allowed);
  return Number.isFinite(deadlineMs) ? { deadlineMs, deadlineAt: Math.min(now + asked, start + allowed) } : {};
}

const payloadHash = ({ action, input }: RequestMessage): string =>
  hashOf(input === undefined ? [action] : [action, input]);
