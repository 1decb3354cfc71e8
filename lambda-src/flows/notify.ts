import { SUBSCRIPTIONS } from '../../src/contract';
import { backoff } from '../core/backoff';
import { membershipKey, topicChannels, topicKey } from '../core/keys';
import {
  appendMessage,
  asPublished,
  type Published,
  publishedItemKey,
  type TopicMessage,
  topicFrame,
} from '../core/topic-log';
import { expiry } from '../core/transitions';
import { forget } from './delivery';
import { momentOf } from './moment';
import type { Deps, PostResult } from './ports';
import { fromQueued } from './publish-message';
import { headOf } from './topics';

/** A message of the queue of topics. */
export interface PublishRecord {
  readonly messageId: string;
  readonly body: string;
  /** Which receive of it this is, from 1. */
  readonly receive: number;
  /** Hides it from now on for that long. */
  hide(seconds: number): Promise<void>;
}

export interface NotifyDeps extends Deps {
  /** No message is begun after it, epoch milliseconds: what is left of the function's time is for one that has begun. */
  readonly deadline: number;
}

interface Work {
  readonly record: PublishRecord;
  readonly message: TopicMessage;
}

/** Frames of one message that are on their way at a time. With the bounded invocations it leaves the API to its other senders. */
const POSTS_IN_FLIGHT = 32;
const RETRY = { baseMs: 1_000, maxMs: 60_000 };

/**
 * Appends messages to the logs of their topics and sends them to the subscribers, those of one topic in order.
 *
 * @returns ids of the messages that must come again: one that failed, and all that follow it in its topic
 */
export async function notify(deps: NotifyDeps, records: readonly PublishRecord[]): Promise<string[]> {
  const topics = new Map<string, Work[]>();
  for (const record of records) {
    const message = fromQueued(record.body);
    // no repetition would make it one, and it would hold up its group
    if (!message) deps.log.error('what was published is no message, it is dropped', { messageId: record.messageId });
    else worksOf(topics, topicKey(message.tenant, message.topic)).push({ record, message });
  }
  const failed = await Promise.all([...topics].map(([topic, works]) => notifyTopic(deps, topic, works)));
  return failed.flat();
}

function worksOf(topics: Map<string, Work[]>, topic: string): Work[] {
  const works = topics.get(topic) ?? [];
  topics.set(topic, works);
  return works;
}

async function notifyTopic(deps: NotifyDeps, topic: string, works: readonly Work[]): Promise<string[]> {
  for (const [index, { record, message }] of works.entries()) {
    if (deps.world.now() >= deps.deadline) return giveBack(deps, works.slice(index), 0);
    try {
      await notifyMessage(deps, topic, record, message);
    } catch (error) {
      deps.log.warn('a message could not be published yet', { messageId: record.messageId, error });
      const waitMs = backoff(RETRY, record.receive, deps.world.random());
      return giveBack(deps, works.slice(index), Math.ceil(waitMs / 1000));
    }
  }
  return [];
}

/** A hint only: a message that cannot be hidden comes back with the queue's own timeout. */
async function giveBack({ log }: NotifyDeps, works: readonly Work[], seconds: number): Promise<string[]> {
  await Promise.all(
    works.map(({ record }) => record.hide(seconds).catch((error) => log.warn('could not hide a message', { error }))),
  );
  return works.map(({ record }) => record.messageId);
}

async function notifyMessage(
  deps: NotifyDeps,
  topic: string,
  { receive }: PublishRecord,
  message: TopicMessage,
): Promise<void> {
  const { at, epoch, isNew } = await append(deps, topic, message);
  // a message that comes for the first time and is known was sent then; one that comes again may have been appended only
  if (!isNew && receive === 1) return;
  const frame = topicFrame(message.topic, epoch, { offset: at, data: JSON.stringify(message.data) });
  await fanOut(deps, topic, JSON.stringify(frame));
}

/** Whoever loses the race for an offset reads the head again. */
async function append(
  deps: NotifyDeps,
  topic: string,
  message: TopicMessage,
): Promise<Published & { readonly isNew: boolean }> {
  for (;;) {
    const head = await headOf(deps, topic);
    const moment = { now: deps.world.now(), expiresAt: expiry(momentOf(deps)) };
    if (await deps.store.transact(appendMessage(topic, head, message, moment))) {
      return { epoch: head.epoch, at: head.next, isNew: true };
    }
    const known = await deps.store.get('events', publishedItemKey(topic, message.id));
    if (known && Number(known.expiresAt) >= Math.floor(moment.now / 1000)) {
      return { ...asPublished(known), isNew: false };
    }
  }
}

/** Members are read after the append: who came before it is told, who comes after it reads it. */
async function fanOut(deps: NotifyDeps, topic: string, frame: string): Promise<void> {
  const channels = await Promise.all(
    topicChannels(topic).map((partition) => deps.store.query({ table: 'subscriptions', partition })),
  );
  const members = channels.flat().map((row) => ({
    connectionId: String(row[SUBSCRIPTIONS.sortKey]),
    connectedAt: Number(row.connectedAt),
  }));
  const next = members.values();
  const send = async () => {
    for (const member of next) {
      const result = await postWithRetries(deps, member.connectionId, frame);
      if (result === 'gone') await forget(deps, membershipKey(topic, member.connectionId), member);
    }
  };
  await Promise.all(Array.from({ length: POSTS_IN_FLIGHT }, send));
}

const TRIES = 3;
const BUSY_MS = 50;

/** Sends a frame to one connection, again where it is busy. */
async function postWithRetries(deps: Deps, connectionId: string, frame: string): Promise<PostResult> {
  for (let attempt = 1; ; attempt++) {
    const result = await deps.gateway.post(connectionId, frame);
    if (result !== 'busy' || attempt >= TRIES) return result;
    await deps.world.sleep(deps.world.random() * BUSY_MS * 4 ** attempt);
  }
}
