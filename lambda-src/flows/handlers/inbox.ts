import { decodeMessage, type InboxMessage, inboxKey, logKey, parseRead, type RequestItem } from '../../core';
import type { HandlerMessage, MessagesOptions } from '../../handler';
import type { Log, Platform, Store } from '../ports';

/** Source of the messages to a request, and validation by their schemas. */
export interface InboxDeps {
  readonly store: Pick<Store, 'query'>;
  readonly platform: Pick<Platform, 'now' | 'sleep'>;
  readonly log: Log;
  /** Validates and transforms the data of a message; throws if it is not valid. */
  readonly parseMessage: (name: string, data: unknown) => Promise<unknown>;
}

interface Found {
  readonly offset: number;
  readonly message: HandlerMessage<unknown>;
}

/** Milliseconds between two reads of an inbox while a handler waits for a message. */
const POLL_MS = 1_000;
const PAGE = 25;

/**
 * The messages to a request, as one attempt reads them: each message once and in order. An attempt begins after the messages that the previous slices
 * have read. So after a crash, a new attempt reads the messages again that the crashed attempt has read.
 */
export class Inbox {
  private readonly read: Map<string, number>;

  public constructor(
    private readonly deps: InboxDeps,
    private readonly request: RequestItem,
    private readonly signal: AbortSignal,
  ) {
    this.read = new Map(Object.entries(parseRead(request.messagesRead)));
  }

  /** Position for the next slice as a JSON string; undefined if no message was read. */
  public get position(): string | undefined {
    return this.read.size === 0 ? undefined : JSON.stringify(Object.fromEntries(this.read));
  }

  /** @throws the reason of the signal, if the signal fires while the handler waits */
  public readonly messages = async function* (
    this: Inbox,
    name: string,
    { waitSeconds = Number.POSITIVE_INFINITY }: MessagesOptions = {},
  ): AsyncGenerator<HandlerMessage<unknown>> {
    const { platform } = this.deps;
    const stopped = rejectedBy(this.signal);
    for (let end = platform.now() + waitSeconds * 1000; ; ) {
      this.signal.throwIfAborted();
      const next = await Promise.race([this.next(name), stopped]);
      // A message counts as read only when the handler gets it. The handler does not get it if the signal fires first, or if another loop over the
      // same name got it.
      if (next && this.pass(name, next.offset)) {
        yield next.message;
        end = platform.now() + waitSeconds * 1000;
      } else if (next) continue;
      else if (platform.now() >= end) return;
      else await platform.sleep(Math.min(POLL_MS, end - platform.now()), this.signal);
    }
  };

  /** Moves the position behind a message. @returns false if the position was already behind the message */
  private pass(name: string, offset: number): boolean {
    if (offset <= (this.read.get(name) ?? 0)) return false;
    this.read.set(name, offset);
    return true;
  }

  /** Finds the next message of the name, if there is one. Moves the position behind messages that the handler does not get. */
  private async next(name: string): Promise<Found | undefined> {
    for (;;) {
      const after = this.read.get(name) ?? 0;
      const partition = inboxKey(logKey(this.request));
      const items = await this.deps.store.query({ table: 'events', partition, from: after + 1, limit: PAGE });
      for (const message of items.map(decodeMessage)) {
        const valid = message.name === name ? await this.valid(message) : undefined;
        if (valid) return { offset: message.offset, message: valid };
        this.pass(name, message.offset);
      }
      if (items.length < PAGE) return undefined;
    }
  }

  /** Validates a message. If the router could not check a message, the message may not match its schema, and is then left out. */
  private async valid({
    messageId: id,
    name,
    data,
    sentAt,
  }: InboxMessage): Promise<HandlerMessage<unknown> | undefined> {
    try {
      const parsed = await this.deps.parseMessage(name, data === undefined ? undefined : JSON.parse(data));
      return { id, data: parsed, sentAt };
    } catch (error) {
      this.deps.log.warn('a message was left out, because it does not match its schema', { message: id, name, error });
      return undefined;
    }
  }
}

/** A promise that rejects with the reason of the signal, so that a slow read does not delay a handler that must stop. */
function rejectedBy(signal: AbortSignal): Promise<never> {
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  stopped.catch(() => undefined);
  return stopped;
}
