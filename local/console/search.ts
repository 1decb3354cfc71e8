import { EVENTS, REQUESTS } from '../../src/contract';
import { containsWords } from './contains-words';
import { type Dynamo, type Item, itemsOf } from './dynamo';
import type { Failures } from './failures';
import type { RequestIndex, TrackedRequest } from './request-index';
import { logKeyOf } from './streamer-format';
import type { LogLine, SearchResult } from './types';

export interface SearchSources {
  readonly dynamo: Pick<Dynamo, 'scan'>;
  readonly requests: Pick<RequestIndex, 'all'>;
  readonly failures: Pick<Failures, 'of'>;
  logLines(): readonly LogLine[];
}

/**
 * Finds the requests that contain each word of the query in their input, result, error, events or log lines. It scans
 * whole tables, because the tables of a local run are small.
 */
export async function searchRequests(text: string, sources: SearchSources): Promise<SearchResult> {
  const tracked = sources.requests.all();
  const stored = await storedTexts(tracked, sources.dynamo);
  const logs = lineTexts(sources);
  const keys = tracked
    .filter((request) => {
      const { item } = request;
      const thrown = sources.failures.of(item.id, item.action).map(({ title, place = '' }) => `${title} ${place}`);
      const own = [item.id, item.action, item.tenant, item.user, request.progress?.message];
      return containsWords(text, [...own, ...thrown, ...(stored.get(request) ?? []), ...(logs.get(item.id) ?? [])]);
    })
    .map(({ item }) => item.requestKey);
  return { keys };
}

/** Returns the strings that the tables store for each request: its input, outcome, events and bodies. */
async function storedTexts(
  tracked: readonly TrackedRequest[],
  dynamo: SearchSources['dynamo'],
): Promise<Map<TrackedRequest, string[]>> {
  const texts = new Map<TrackedRequest, string[]>();
  for (const { table, nameOf, keyAttribute } of PLACES) {
    const byKey = new Map(tracked.map((request) => [`${table(request)} ${nameOf(request)}`, request]));
    for (const tableName of new Set(tracked.map(table))) {
      for await (const item of itemsOf(tableName, dynamo)) {
        const request = byKey.get(`${tableName} ${String(item[keyAttribute])}`);
        if (request) add(texts, request, bodiesOf(item));
      }
    }
  }
  return texts;
}

const PLACES = [
  {
    table: ({ requestsTable }: TrackedRequest) => requestsTable,
    nameOf: ({ item }: TrackedRequest) => item.requestKey,
    keyAttribute: REQUESTS.partitionKey,
  },
  {
    table: ({ eventsTable }: TrackedRequest) => eventsTable,
    nameOf: ({ item }: TrackedRequest) => logKeyOf(item),
    keyAttribute: EVENTS.partitionKey,
  },
] as const;

const BODIES = ['input', 'body', 'data', 'name', 'message', 'metadata'] as const;

function bodiesOf(item: Item): string[] {
  const { outcome } = item;
  const ends = typeof outcome === 'object' && outcome !== null ? Object.values(outcome) : [];
  return [...BODIES.map((name) => item[name]), ...ends].filter((value) => typeof value === 'string');
}

/**
 * Adds strings to the array of a key. The function changes the existing array. A copy would be slow, because a request
 * may have thousands of events.
 */
function add<Key>(texts: Map<Key, string[]>, key: Key, more: readonly string[]): void {
  const known = texts.get(key);
  if (known) known.push(...more);
  else texts.set(key, [...more]);
}

function lineTexts({ logLines }: SearchSources): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const { subject, message, below = [], detail = '' } of logLines()) {
    if (subject !== undefined) add(texts, subject, [message, ...below, detail]);
  }
  return texts;
}
