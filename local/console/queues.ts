import type { Queue } from '../emulator/sqs';
import type { QueueMessageView, QueueView, RequestDetail } from './types';

const MAX_MESSAGES = 100;
const MAX_BODY = 16 * 1024;

/** A queue of the run and the action that uses it. */
export interface KnownQueue {
  readonly queue: Queue;
  readonly name: string;
  readonly action?: string;
  /** Whether the queue is the action's dead-letter queue. */
  readonly deadLetters?: boolean;
  /** Priority class of the requests in the queue. */
  readonly priority?: string;
}

export function queueViews(known: readonly KnownQueue[]): QueueView[] {
  const deadLetterArns = new Set(known.flatMap(({ queue }) => queue.spec.redrive?.deadLetterQueueArn ?? []));
  return known.map(({ queue, name, action, priority }) => ({
    arn: queue.arn,
    name,
    action,
    priority,
    deadLetterArn: queue.spec.redrive?.deadLetterQueueArn,
    isDeadLetter: deadLetterArns.has(queue.arn),
    ...queue.depth(),
    oldestAt: queue.contents()[0]?.sentAt,
  }));
}

export function queueMessages(queue: Queue): QueueMessageView[] {
  return queue
    .contents()
    .slice(0, MAX_MESSAGES)
    .map(({ messageId, state, sentAt, receiveCount, groupId, body }) => ({
      messageId,
      state,
      sentAt,
      receiveCount,
      groupId,
      body: body.slice(0, MAX_BODY),
      requestKey: requestKeyOf(body),
    }));
}

/** Returns the dead letter of a request, if one of the queues contains it. */
export function deadLetterOf(queues: readonly Queue[], requestKey: string): RequestDetail['deadLetter'] {
  for (const queue of queues) {
    const message = queue.contents().find(({ body }) => requestKeyOf(body) === requestKey);
    if (message) return { queue: queue.name, sentAt: message.sentAt, receiveCount: message.receiveCount };
  }
  return undefined;
}

/** Returns the request key in the message of a work queue. */
function requestKeyOf(body: string): string | undefined {
  try {
    const key = (JSON.parse(body) as { requestKey?: unknown } | null)?.requestKey;
    return typeof key === 'string' ? key : undefined;
  } catch {
    return undefined;
  }
}
