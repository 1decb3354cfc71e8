import {
  appendMessage,
  backoff,
  decodePublished,
  expiry,
  type Lane,
  lanesOf,
  type Published,
  publishedItemKey,
  saveLanes,
  type TopicMessage,
  topicFrame,
  topicKey,
} from '../../core';
import { type Deps, writeTimeOf } from '../ports';
import { fanOut } from './fan-out';
import { type Hidden, type HidingDeps, keepHidden } from './keep-hidden';
import { fromQueued, type PublishRecord } from './queue-message';
import { headOf } from './topics';

export interface NotifyDeps extends Deps, HidingDeps {
  /** Time in epoch milliseconds after which no further message and no further page of subscribers is started. */
  readonly deadline: number;
}

interface Invocation {
  readonly deps: NotifyDeps;
  readonly hidden: Hidden;
  /** Connections that were busy twice, in any topic of this invocation. */
  readonly slow: Set<string>;
}

interface Work {
  readonly record: PublishRecord;
  readonly message: TopicMessage;
}

const RETRY = { baseMs: 1_000, maxMs: 60_000 };

/**
 * Appends messages to the logs of their topics, and sends them to the subscribers. The messages of one topic are processed in order.
 *
 * @returns ids of the messages that SQS must deliver again: each message that failed, and all later messages of its topic
 */
export async function notify(deps: NotifyDeps, records: readonly PublishRecord[]): Promise<string[]> {
  const topics = new Map<string, Work[]>();
  for (const record of records) {
    const message = fromQueued(record.body);
    // The message is dropped: retries cannot correct a malformed message, and they would block its message group.
    if (!message) deps.log.error('a published message is malformed and was dropped', { messageId: record.messageId });
    else worksOf(topics, topicKey(message.tenant, message.topic)).push({ record, message });
  }
  const hidden = keepHidden(deps, records);
  const invocation = { deps, hidden, slow: new Set<string>() };
  try {
    const failed = await Promise.all([...topics].map(([topic, works]) => notifyTopic(invocation, topic, works)));
    return failed.flat();
  } finally {
    hidden.close();
  }
}

function worksOf(topics: Map<string, Work[]>, topic: string): Work[] {
  const works = topics.get(topic) ?? [];
  topics.set(topic, works);
  return works;
}

async function notifyTopic(invocation: Invocation, topic: string, works: readonly Work[]): Promise<string[]> {
  const { deps, hidden } = invocation;
  const giveBack = (from: number, seconds: number) =>
    hidden.giveBack(
      works.slice(from).map(({ record }) => record),
      seconds,
    );
  for (const [index, { record, message }] of works.entries()) {
    if (deps.platform.now() >= deps.deadline) return giveBack(index, 0);
    try {
      if (!(await notifyMessage(invocation, topic, record, message))) return giveBack(index, 0);
    } catch (error) {
      deps.log.warn('a message could not be published yet', { messageId: record.messageId, error });
      const waitMs = backoff(RETRY, record.receive, deps.platform.random());
      return giveBack(index, Math.ceil(waitMs / 1000));
    }
  }
  return [];
}

/** Appends one message, and sends it to the subscribers. @returns whether it was posted to all subscribers; if not, the time has run out */
async function notifyMessage(
  { deps, slow }: Invocation,
  topic: string,
  { receive }: PublishRecord,
  message: TopicMessage,
): Promise<boolean> {
  const { isNew, ...published } = await append(deps, topic, message);
  // If the id is already recorded at the first receive, the message was published twice, and the first one was already sent. At a later receive, a
  // notifier may have died after the append and before the sending.
  if (!isNew && receive === 1) return true;
  const { at, epoch } = published;
  const frame = topicFrame(message.topic, epoch, { offset: at, data: JSON.stringify(message.data) });
  return fanOut(deps, slow, {
    topic,
    frame: JSON.stringify(frame),
    lanes: lanesOf(published),
    save: (lanes) => save(deps, topic, message.id, published, lanes),
    deadline: deps.deadline,
  });
}

/** Stores the position of a fan-out. A failure is ignored: if the notifier then dies, the fan-out continues at an earlier position. */
async function save(
  deps: NotifyDeps,
  topic: string,
  id: string,
  published: Published,
  lanes: readonly Lane[],
): Promise<void> {
  await deps.store
    .write(saveLanes(topic, id, published, lanes, expiry(writeTimeOf(deps))))
    .catch((error) => deps.log.warn('the position of a fan-out could not be stored', { error }));
}

/** Appends the message. If another notifier has taken the offset, reads the head again and repeats the append. */
async function append(
  deps: NotifyDeps,
  topic: string,
  message: TopicMessage,
): Promise<Published & { readonly isNew: boolean }> {
  for (;;) {
    const head = await headOf(deps, topic);
    const moment = { now: deps.platform.now(), expiresAt: expiry(writeTimeOf(deps)) };
    if (await deps.store.transact(appendMessage(topic, head, message, moment))) {
      return { epoch: head.epoch, at: head.next, isNew: true };
    }
    const known = await deps.store.get('events', publishedItemKey(topic, message.id));
    if (known && Number(known.expiresAt) >= Math.floor(moment.now / 1000)) {
      return { ...decodePublished(known), isNew: false };
    }
  }
}
