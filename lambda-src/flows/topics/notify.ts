import {
  appendMessage,
  backoff,
  decodePublished,
  expiry,
  type Lane,
  lanesOf,
  markLarge,
  type Published,
  publishedItemKey,
  saveLanes,
  type TopicHead,
  type TopicMessage,
  topicKey,
} from '../../core';
import { type Deps, writeTimeOf } from '../ports';
import { fanOut, frameText } from './fan-out';
import { type Hidden, type HidingDeps, keepHidden } from './keep-hidden';
import { deliverPart, type PartDeps, partsOf } from './parts';
import { fromQueued, type PublishRecord, type QueuedMessage, toQueuedPart } from './queue-message';
import { headOf } from './topics';

export interface NotifyDeps extends PartDeps, HidingDeps {
  /** Sends messages to the queue from which the notifier reads. @throws if one of them was not sent */
  send(messages: readonly QueuedMessage[]): Promise<void>;
  /** Number of subscribers from which on the fan-out of a topic is distributed over several invocations. */
  readonly largeFrom: number;
  /** Called when a message was stored and sent, or handed over to other invocations. */
  onPublished(): void;
}

interface Invocation {
  readonly deps: NotifyDeps;
  readonly hidden: Hidden;
  /** Connections that were busy twice, in any topic of this invocation. */
  readonly slow: Set<string>;
}

/** The work for one message of the queue. */
interface Work {
  readonly record: PublishRecord;
  /** @returns whether the work is done; if not, the time has run out */
  readonly run: () => Promise<boolean>;
}

const RETRY = { baseMs: 1_000, maxMs: 60_000 };

/**
 * Appends messages to the logs of their topics, and sends them to the subscribers. The messages of one topic are processed in order.
 *
 * @returns ids of the messages that SQS must deliver again: each message that failed, and all later messages of its topic
 */
export async function notify(deps: NotifyDeps, records: readonly PublishRecord[]): Promise<string[]> {
  const hidden = keepHidden(deps, records);
  const invocation = { deps, hidden, slow: new Set<string>() };
  const groups = new Map<string, Work[]>();
  for (const record of records) {
    const { group, run } = workOf(invocation, record) ?? {};
    // The message is dropped: retries cannot correct a malformed message, and they would block its message group.
    if (group === undefined || !run)
      deps.log.error('a published message is malformed and was dropped', { messageId: record.messageId });
    else groups.set(group, [...(groups.get(group) ?? []), { record, run }]);
  }
  try {
    const failed = await Promise.all([...groups.values()].map((works) => runInOrder(invocation, works)));
    return failed.flat();
  } finally {
    hidden.close();
  }
}

/** Returns the work for a message of the queue with the name of its group; undefined if the message is malformed. */
function workOf(
  { deps, slow }: Invocation,
  record: PublishRecord,
): { readonly group: string; readonly run: Work['run'] } | undefined {
  const message = fromQueued(record.body);
  if (!message) return undefined;
  const topic = topicKey(message.tenant, message.topic);
  if ('part' in message) {
    return { group: `${topic}#${message.part}`, run: () => deliverPart(deps, slow, topic, message) };
  }
  return { group: topic, run: () => notifyMessage(deps, slow, topic, record, message) };
}

async function runInOrder({ deps, hidden }: Invocation, works: readonly Work[]): Promise<string[]> {
  const giveBack = (from: number, seconds: number) =>
    hidden.giveBack(
      works.slice(from).map(({ record }) => record),
      seconds,
    );
  for (const [index, { record, run }] of works.entries()) {
    if (deps.platform.now() >= deps.deadline) return giveBack(index, 0);
    try {
      if (!(await run())) return giveBack(index, 0);
    } catch (error) {
      deps.log.warn('a message could not be published yet', { messageId: record.messageId, error });
      const waitMs = backoff(RETRY, record.receive, deps.platform.random());
      return giveBack(index, Math.ceil(waitMs / 1000));
    }
  }
  return [];
}

/** Appends one message, and sends it to the subscribers. @returns whether this work is done; if not, the time has run out */
async function notifyMessage(
  deps: NotifyDeps,
  slow: Set<string>,
  topic: string,
  { receive }: PublishRecord,
  message: TopicMessage,
): Promise<boolean> {
  const { isNew, head, published } = await append(deps, topic, message);
  // If the id is already recorded at the first receive, the message was published twice, and the first one was already sent. At a later receive, a
  // notifier may have died after the append and before the sending.
  const isDone = (!isNew && receive === 1) || (await sendOut(deps, slow, topic, head, message, published));
  if (isDone) deps.onPublished();
  return isDone;
}

/** Sends a message to all subscribers of a small topic, or hands the parts of a large topic over to other invocations. */
async function sendOut(
  deps: NotifyDeps,
  slow: Set<string>,
  topic: string,
  head: TopicHead,
  message: TopicMessage,
  published: Published,
): Promise<boolean> {
  const { at, epoch } = published;
  if (head.large) return handOver(deps, message, lanesOf(published));
  const { isDone, isLimited, lanes } = await fanOut(deps, slow, {
    topic,
    frame: frameText(message.topic, epoch, { offset: at, data: JSON.stringify(message.data) }),
    lanes: lanesOf(published),
    save: (saved) => save(deps, topic, message.id, published, saved),
    deadline: deps.deadline,
    limit: deps.largeFrom,
  });
  if (!isLimited) return isDone;
  await deps.store.write(markLarge(topic, head));
  return handOver(deps, message, lanes);
}

/** Sends a message to the queue for each part that has further subscribers. Each part continues at the saved position of its channel. */
async function handOver(deps: NotifyDeps, message: TopicMessage, lanes: readonly Lane[]): Promise<true> {
  const { tenant, topic, id } = message;
  const open = partsOf(topic).filter((part) => !lanes[part]?.done);
  await deps.send(open.map((part) => toQueuedPart({ tenant, topic, id, part })));
  return true;
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

interface Appended {
  readonly published: Published;
  readonly head: TopicHead;
  readonly isNew: boolean;
}

/** Appends the message. If another notifier has taken the offset, reads the head again and repeats the append. */
async function append(deps: Deps, topic: string, message: TopicMessage): Promise<Appended> {
  for (;;) {
    const head = await headOf(deps, topic);
    const moment = { now: deps.platform.now(), expiresAt: expiry(writeTimeOf(deps)) };
    if (await deps.store.transact(appendMessage(topic, head, message, moment))) {
      return { published: { epoch: head.epoch, at: head.next }, head, isNew: true };
    }
    const known = await deps.store.get('events', publishedItemKey(topic, message.id));
    if (known && Number(known.expiresAt) >= Math.floor(moment.now / 1000)) {
      return { published: decodePublished(known), head, isNew: false };
    }
  }
}
