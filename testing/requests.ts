import { logKey } from '../lambda-src/core/keys';
import type { HeadItem, LogEntry } from '../lambda-src/core/log';
import { bodyKey, decodeEntry, headKey, headOf, inputKey } from '../lambda-src/core/log';
import { bodyOf, decodeRequest, isRequest, isTerminal, type RequestItem } from '../lambda-src/core/request';
import type { Dynamo, Item } from '../local/console/dynamo';
import { EVENTS } from '../src/contract';
import type { StoredEntry, StoredRequest, WaitOptions } from './streamer-types';

const POLL_MS = 20;
const DEFAULT_WAIT_MS = 20_000;
const PAGE = 1_000;

/** Reason why a submission led to no request. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** Reads requests and their logs from the tables of a run. */
export class Requests {
  /**
   * @param tables physical names of the tables
   * @param refusals submissions of schedules that led to no request, by the id of the request
   */
  public constructor(
    private readonly dynamo: Dynamo,
    private readonly tables: { readonly requests: string; readonly events: string },
    private readonly refusals: ReadonlyMap<string, Refusal> = new Map(),
  ) {}

  /**
   * Reads a request; undefined if there is none.
   *
   * @throws Error if several users have a request with that id and `user` is undefined
   */
  public async find(id: string, user?: string): Promise<StoredRequest | undefined> {
    const item = await this.itemOf(id, user);
    return item && this.describe(item);
  }

  /**
   * Waits until a request has ended.
   *
   * @throws Error if it has not ended within the time limit, or if the submission of a schedule led to no request
   */
  public async ended(
    id: string,
    { timeoutMs = DEFAULT_WAIT_MS, signal, user }: WaitOptions = {},
  ): Promise<StoredRequest> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const item = await this.itemOf(id, user);
      // the last entry of the log is written shortly after the item
      const request = item && isTerminal(item.status) ? await this.describe(item) : undefined;
      if (request?.log.at(-1)?.name === '$end') return request;
      const refusal = this.refusals.get(id);
      if (refusal && !item) throw new Error(`there is no request ${id}: ${refusal.code}: ${refusal.message}`);
      if (signal?.aborted) throw new Error(`waiting for the request ${id} was aborted`);
      if (Date.now() > deadline)
        throw new Error(`the request ${id} has not ended after ${timeoutMs} ms: ${known(item)}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private async itemOf(id: string, user: string | undefined): Promise<RequestItem | undefined> {
    const items = await scanAll(this.dynamo, this.tables.requests);
    const found = items
      .filter((item) => isRequest(item) && item.id === id && (user === undefined || item.user === user))
      .map(decodeRequest);
    if (found.length <= 1) return found[0];
    throw new Error(
      `several users have a request ${id}; pass \`user\`, one of: ${found.map((item) => item.user).join(', ')}`,
    );
  }

  private async describe(item: RequestItem): Promise<StoredRequest> {
    const log = logKey(item);
    const [head, input, entries] = await Promise.all([
      this.get(headKey(log)).then((stored) => (stored || item.lastProgress ? headOf(item, stored) : undefined)),
      item.input === undefined ? this.get(inputKey(log)).then((stored) => stored?.body) : item.input,
      this.entries(log),
    ]);
    const { id, action, tenant, user, status, run, createdAt } = item;
    return {
      ...{ id, action, tenant, user, status, run, createdAt },
      attempt: item.attempt,
      input: parse(input),
      ...(await this.outcomeOf(item, log)),
      progress: progressOf(head),
      log: entries,
    };
  }

  private async outcomeOf(
    { outcome }: RequestItem,
    log: string,
  ): Promise<Pick<StoredRequest, 'result' | 'error' | 'partial'>> {
    if (outcome === undefined) return {};
    const stored = bodyOf(outcome);
    const value = stored && parse('body' in stored ? stored.body : (await this.get(bodyKey(log, stored.bodyAt)))?.body);
    if (outcome.kind === 'result') return { result: value };
    const error = parse(outcome.error) as StoredRequest['error'];
    return { error, ...(value !== undefined && { partial: value }) };
  }

  private get(key: Readonly<Record<string, string | number>>): Promise<Item | undefined> {
    const marshalled = Object.entries(key).map(([name, value]) => [
      name,
      typeof value === 'number' ? { N: String(value) } : { S: value },
    ]);
    return this.dynamo.get(this.tables.events, Object.fromEntries(marshalled));
  }

  private async entries(log: string): Promise<StoredEntry[]> {
    const { items } = await this.dynamo.query(
      { tableName: this.tables.events, limit: PAGE },
      { name: EVENTS.partitionKey, value: { S: log } },
      { name: EVENTS.sortKey, min: 0 },
    );
    return items.map((item) => entryOf(decodeEntry(item)));
  }
}

/** Returns all items of a table. */
export async function scanAll(dynamo: Dynamo, tableName: string): Promise<Item[]> {
  const all: Item[] = [];
  let after: Parameters<Dynamo['scan']>[0]['after'];
  do {
    const page = await dynamo.scan({ tableName, limit: PAGE, after });
    all.push(...page.items);
    after = page.last;
  } while (after);
  return all;
}

function entryOf(entry: LogEntry): StoredEntry {
  const { offset, attempt, run } = entry;
  if (entry.kind === 'end') return { offset, attempt, run, name: '$end' };
  return { offset, attempt, run, name: entry.name, ...(entry.data !== undefined && { data: parse(entry.data) }) };
}

function progressOf(head: HeadItem | undefined): StoredRequest['progress'] {
  if (head === undefined) return undefined;
  const { percentage, message, metadata } = head;
  return { percentage, message, metadata: parse(metadata) };
}

function parse(text: unknown): unknown {
  return typeof text === 'string' ? JSON.parse(text) : undefined;
}

function known(item: RequestItem | undefined): string {
  return item === undefined
    ? 'there is no request with this id'
    : `it is ${item.status}, attempt ${item.attempt}, run ${item.run}`;
}
