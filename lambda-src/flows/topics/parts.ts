import {
  decodePublished,
  decodeTopicEntry,
  expiry,
  type Lane,
  lanesOf,
  type Published,
  partItemKey,
  publishedItemKey,
  savePart,
  type TopicPart,
  topicChannels,
  topicEntryKey,
} from '../../core';
import { type Deps, writeTimeOf } from '../ports';
import { type FanOutDeps, fanOut, frameText } from './fan-out';

export interface PartDeps extends FanOutDeps {
  /** Time in epoch milliseconds after which no further message and no further page of subscribers is started. */
  readonly deadline: number;
}

/** Numbers of the parts into which the fan-out of a large topic is divided: one for each of the topic's channels. */
export const partsOf = (topic: string): number[] => [...topicChannels(topic).keys()];

/**
 * Sends a message to the subscribers of one part of a large topic. The message comes from the topic's log. If the log does not contain it any more, the
 * part is done.
 *
 * @returns whether the part is done; if not, the time has run out, and the next call continues at the saved position
 */
export async function deliverPart(
  deps: PartDeps,
  slow: Set<string>,
  topic: string,
  delivery: TopicPart,
): Promise<boolean> {
  const published = await publishedOf(deps, topic, delivery);
  const entry = published && (await deps.store.get('events', topicEntryKey(topic, published.epoch, published.at)));
  if (!entry) return true;
  const { part } = delivery;
  const start = await positionOf(deps, topic, delivery, published);
  const { isDone } = await fanOut(deps, slow, {
    topic,
    frame: frameText(delivery.topic, published.epoch, decodeTopicEntry(entry)),
    lanes: partsOf(topic).map((each) => (each === part ? start : { done: true })),
    save: (lanes) => save(deps, topic, delivery, published, lanes[part] ?? {}),
    deadline: deps.deadline,
  });
  return isDone;
}

async function publishedOf({ store }: Deps, topic: string, { id }: TopicPart): Promise<Published | undefined> {
  const item = await store.get('events', publishedItemKey(topic, id));
  return item && decodePublished(item);
}

/** Returns the saved position of the part, or the position that the notifier reached before it handed the part over. */
async function positionOf({ store }: Deps, topic: string, delivery: TopicPart, published: Published): Promise<Lane> {
  const item = await store.get('events', partItemKey(topic, delivery));
  const saved = item && decodePublished(item);
  // An older message may have had the same id, before its retention was over.
  const isCurrent = saved?.epoch === published.epoch && saved.at === published.at;
  return (isCurrent ? lanesOf(saved)[0] : lanesOf(published)[delivery.part]) ?? {};
}

/** Stores the position of a part. A failure is ignored: if the notifier then dies, the part continues at an earlier position. */
async function save(deps: Deps, topic: string, delivery: TopicPart, published: Published, lane: Lane): Promise<void> {
  await deps.store
    .write(savePart(topic, delivery, published, lane, expiry(writeTimeOf(deps))))
    .catch((error) => deps.log.warn('the position of a fan-out could not be stored', { error }));
}
