import {
  decodeViewer,
  type Lane,
  membershipKey,
  type Origin,
  type TopicEntry,
  topicChannels,
  topicFrame,
} from '../../core';
import type { Deps } from '../ports';
import { forget } from '../viewers/post';
import type { Pace } from './pace';

export interface FanOutDeps extends Deps {
  readonly pace: Pick<Pace, 'take'>;
}

/** Work of one fan-out, which sends one message to the subscribers of its topic. */
export interface FanOut {
  readonly topic: string;
  readonly frame: string;
  /** Positions of an earlier fan-out of the same message, by the index of the channel. A channel without a position begins with its first subscriber. */
  readonly lanes: readonly Lane[];
  /** Stores the position of this fan-out. The message has been posted to all subscribers before that position. */
  readonly save: (lanes: readonly Lane[]) => Promise<void>;
  /** Time in epoch milliseconds after which no further page of subscribers is started. */
  readonly deadline: number;
  /** Number of subscribers after which no further page is started, because others continue this fan-out. @default - no limit */
  readonly limit?: number;
}

/** The end of a fan-out. It is not done if its time or its limit was reached. A later fan-out then continues at the saved position. */
export interface FanOutEnd {
  readonly isDone: boolean;
  readonly isLimited: boolean;
  readonly lanes: readonly Lane[];
}

/** Page size: number of subscribers that are read and posted to at once, in each of the topic's channels. */
const PAGE_MEMBERS = 100;
/** Maximum delay in milliseconds before a frame is posted to a busy connection a second time. The second post follows all other posts of its page. */
const BUSY_MS = 200;

/**
 * Sends a frame to all subscribers of a topic. The topic's channels are processed concurrently.
 *
 * The members are read after the message was appended. So a member that subscribed before the append is sent the message, and one that subscribes
 * later reads it from the log.
 *
 * @param slow connections that are skipped. A connection that is busy twice is added to this set. Its client later detects the gap, and subscribes
 * again
 */
export async function fanOut(deps: FanOutDeps, slow: Set<string>, work: FanOut): Promise<FanOutEnd> {
  const { topic, limit = Number.POSITIVE_INFINITY } = work;
  const channels = topicChannels(topic);
  const lanes: Lane[] = channels.map((_, index) => work.lanes[index] ?? {});
  let served = 0;
  const mayContinue = () => served < limit && deps.platform.now() < work.deadline;
  const serve = async (channel: string, index: number) => {
    for (let lane = lanes[index] ?? {}; !lane.done && mayContinue(); lane = lanes[index] ?? {}) {
      const page = await servePage(deps, slow, work, channel, lane.after);
      if (!page) return;
      served += page.members;
      lanes[index] = page.lane;
      // The position is not stored for the last page, so a topic with few subscribers costs no write.
      if (!page.lane.done) await work.save([...lanes]);
    }
  };
  await Promise.all(channels.map(serve));
  const isDone = lanes.every(({ done }) => done);
  if (!isDone) await work.save(lanes);
  return { isDone, isLimited: !isDone && served >= limit, lanes };
}

/** Returns the frame of a message as JSON. */
export const frameText = (topic: string, epoch: string, entry: TopicEntry): string =>
  JSON.stringify(topicFrame(topic, epoch, entry));

/** Posts the frame to one page of subscribers. @returns the position after this page; undefined if the time has run out before the page */
async function servePage(
  deps: FanOutDeps,
  slow: Set<string>,
  { topic, frame, deadline }: FanOut,
  partition: string,
  after: string | undefined,
): Promise<{ readonly lane: Lane; readonly members: number } | undefined> {
  const rows = await deps.store.query({
    table: 'subscriptions',
    partition,
    after: after === undefined ? undefined : membershipKey(topic, after),
    limit: PAGE_MEMBERS,
  });
  const members = rows.map(decodeViewer);
  if (members.length > 0 && !(await deps.pace.take(members.length, deadline))) return undefined;
  const busy = await postToAll(deps, slow, topic, members, frame);
  if (busy.length > 0) {
    await deps.platform.sleep((BUSY_MS * (1 + deps.platform.random())) / 2);
    for (const { connectionId } of await postToAll(deps, slow, topic, busy, frame)) slow.add(connectionId);
  }
  const last = members.at(-1)?.connectionId;
  return { lane: members.length < PAGE_MEMBERS ? { done: true } : { after: last }, members: members.length };
}

/** Posts a frame to all members of a page. @returns the connections that were busy */
async function postToAll(
  deps: Deps,
  slow: ReadonlySet<string>,
  topic: string,
  members: readonly Origin[],
  frame: string,
): Promise<Origin[]> {
  const busy: Origin[] = [];
  const post = async (member: Origin) => {
    const result = await deps.gateway.post(member.connectionId, frame);
    if (result === 'busy') busy.push(member);
    if (result === 'gone') await forget(deps, member, membershipKey(topic, member.connectionId));
  };
  const served = members.filter(({ connectionId }) => !slow.has(connectionId));
  await Promise.all(served.map(post));
  return busy;
}
