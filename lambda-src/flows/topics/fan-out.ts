import { decodeViewer, type Lane, membershipKey, type Origin, topicChannels } from '../../core';
import type { Deps } from '../ports';
import { forget } from '../viewers/post';

/** Work of one fan-out, which sends one message to the subscribers of its topic. */
export interface FanOut {
  readonly topic: string;
  readonly frame: string;
  /** Position of an earlier fan-out of the same message; empty if there was none. */
  readonly lanes: readonly Lane[];
  /** Stores the position of this fan-out. The message has been posted to all subscribers before that position. */
  readonly save: (lanes: readonly Lane[]) => Promise<void>;
  /** Time in epoch milliseconds after which no further page of subscribers is started. */
  readonly deadline: number;
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
 * @returns whether the frame was posted to all subscribers. If not, the time has run out, and a later fan-out continues at the saved position
 */
export async function fanOut(deps: Deps, slow: Set<string>, work: FanOut): Promise<boolean> {
  const channels = topicChannels(work.topic);
  const lanes: Lane[] = channels.map((_, index) => work.lanes[index] ?? {});
  const serve = async (channel: string, index: number) => {
    for (let lane = lanes[index] ?? {}; !lane.done && deps.platform.now() < work.deadline; lane = lanes[index] ?? {}) {
      lanes[index] = await servePage(deps, slow, work, channel, lane.after);
      // The position is not stored for the last page, so a topic with few subscribers costs no write.
      if (!lanes[index]?.done) await work.save([...lanes]);
    }
  };
  await Promise.all(channels.map(serve));
  const isDone = lanes.every(({ done }) => done);
  if (!isDone) await work.save(lanes);
  return isDone;
}

async function servePage(
  deps: Deps,
  slow: Set<string>,
  { topic, frame }: FanOut,
  partition: string,
  after: string | undefined,
): Promise<Lane> {
  const rows = await deps.store.query({
    table: 'subscriptions',
    partition,
    after: after === undefined ? undefined : membershipKey(topic, after),
    limit: PAGE_MEMBERS,
  });
  const members = rows.map(decodeViewer);
  const busy = await postToAll(deps, slow, topic, members, frame);
  if (busy.length > 0) {
    await deps.platform.sleep((BUSY_MS * (1 + deps.platform.random())) / 2);
    for (const { connectionId } of await postToAll(deps, slow, topic, busy, frame)) slow.add(connectionId);
  }
  const last = members.at(-1)?.connectionId;
  return members.length < PAGE_MEMBERS ? { done: true } : { after: last };
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
