import { decodeMessage, inboxKey } from '../../../../lambda-src/core/inbox';
import { logKey, type Owner } from '../../../../lambda-src/core/keys';
import { decodeHead, headKey } from '../../../../lambda-src/core/log';
import { isTerminal, type RequestItem } from '../../../../lambda-src/core/request';
import type { Store } from '../../../../lambda-src/flows/ports';
import { type SendDeps, sendToRequest } from '../../../../lambda-src/flows/requests/send';
import type { HandlerContext } from '../../../../lambda-src/handler';
import type { InputMessage, StreamerError } from '../../../../lambda-src/protocol';

/** A processor of the simulation. */
interface Processor {
  readonly name: string;
  readonly dead: boolean;
}

type Context = Pick<HandlerContext, 'request' | 'signal' | 'state' | 'messages'>;

/** A message of a user. `sentAt` and `ackedAt` are the positions of its first sending and its first acknowledgment in the order of all events. */
export interface SentMessage {
  readonly message: InputMessage & { readonly data: { readonly bad: boolean } };
  readonly sentAt: number;
  ackedAt?: number;
}

/** Number of messages of each name that were read. */
type Counts = Readonly<Record<string, number>>;

/** Messages that one attempt has read, by name. */
interface Reads {
  readonly requestId: string;
  /** Messages that the earlier slices have read. */
  readonly from: Counts;
  readonly ids: Readonly<Record<string, string[]>>;
}

const NAMES = ['approve', 'note'];

/**
 * The promises of messages to running requests in any order of steps. The inbox contains each acknowledged message once, in the order of the acknowledgments. An attempt reads
 * the messages after those of the previous slices: in order, each message once, and without gaps. A request that has ended takes no message.
 */
export class Messages {
  public readonly violations: string[] = [];
  /** Numbers of events by kind. A test checks that each kind occurs. */
  public readonly seen = { acked: 0, repeated: 0, refused: 0, read: 0, readAgain: 0, carriedOn: 0, stopped: 0 };
  private readonly sent: SentMessage[] = [];
  private readonly reads = new Map<Context, Reads>();
  /** Numbers of read messages at the end of a slice, by the name of the state that the slice passed on. */
  private readonly left = new Map<string, Counts>();
  private readonly waits = new Set<{ readonly processor: Processor; readonly signal: Context['signal'] }>();
  /** Positions, in the order of events, at which requests ended and at which redrives started them again. */
  private readonly ended = new Map<string, number>();
  private readonly restarted = new Map<string, number>();
  private place = 0;

  public constructor(private readonly random: () => number) {}

  public create(request: string): SentMessage {
    const name = NAMES[Math.floor(this.random() * NAMES.length)];
    const id = `i${this.sent.length}`;
    const message = { type: 'input', id, request, name, data: { bad: this.random() < 0.1 } } as const;
    const sent: SentMessage = { message, sentAt: ++this.place };
    this.sent.push(sent);
    return sent;
  }

  /** Sends a message, for the first time or again. @returns whether the message needs no repetition */
  public async send(deps: SendDeps, owner: Owner, sent: SentMessage): Promise<boolean> {
    const { request } = sent.message;
    const [began, ended] = [++this.place, this.ended.get(request)];
    try {
      await sendToRequest(deps, owner, sent.message, async () => undefined);
    } catch (error) {
      if ((error as StreamerError).code !== 'REQUEST_ENDED') return false;
      this.refuse(request, began);
      return true;
    }
    if (ended !== undefined && ended === this.ended.get(request))
      this.violations.push(`${request} took a message after its end`);
    this.seen[sent.ackedAt === undefined ? 'acked' : 'repeated']++;
    sent.ackedAt ??= ++this.place;
    return true;
  }

  private refuse(request: string, began: number): void {
    const hadEnded = this.ended.has(request) || (this.restarted.get(request) ?? 0) > began;
    if (!hadEnded) this.violations.push(`${request} refused a message before its end`);
    this.seen.refused++;
  }

  /** Observes a write of a request. */
  public observe({ id, status }: RequestItem): void {
    if (isTerminal(status)) this.ended.set(id, this.ended.get(id) ?? ++this.place);
    else if (this.ended.delete(id)) this.restarted.set(id, ++this.place);
  }

  /** Validates a message as a handler's schema does. */
  public readonly parse = async (_name: string, data: unknown): Promise<unknown> => {
    if ((data as SentMessage['message']['data']).bad) throw new Error('not valid');
    return data;
  };

  /** Reads messages of one or both names, as a handler does: with or without a wait, in one loop or in two concurrent loops. */
  public async read(processor: Processor, context: Context): Promise<void> {
    const [first, second] = this.random() < 0.5 ? NAMES : [...NAMES].reverse();
    const loops = this.random() < 0.2 ? 2 : 1;
    await Promise.all(Array.from({ length: loops }, () => this.readSome(processor, context, first)));
    if (this.random() < 0.5) await this.readSome(processor, context, second);
  }

  private async readSome(processor: Processor, context: Context, name: string): Promise<void> {
    const wait = { processor, signal: context.signal };
    let count = 1 + Math.floor(this.random() * 3);
    this.waits.add(wait);
    try {
      for await (const { id } of context.messages(name, { waitSeconds: this.waitSeconds() })) {
        this.take(context, name, id);
        if (--count === 0) return;
      }
    } catch (error) {
      this.seen.stopped++;
      throw error;
    } finally {
      this.waits.delete(wait);
    }
  }

  private waitSeconds(): number {
    const chance = this.random();
    return chance < 0.3 ? 0 : chance < 0.97 ? chance * 4 : 400;
  }

  private take(context: Context, name: string, id: string): void {
    const { requestId, ids, from } = this.readsOf(context);
    if ([...this.reads.values()].some((other) => other.requestId === requestId && other.ids[name].includes(id))) {
      this.seen.readAgain++;
    }
    ids[name].push(id);
    this.seen.read++;
    if (from[name] > 0) this.seen.carriedOn++;
  }

  private readsOf(context: Context): Reads {
    const { request, state } = context;
    const from = this.left.get((state as unknown as { n: string } | undefined)?.n ?? '') ?? counted(() => 0);
    const reads = this.reads.get(context) ?? { requestId: request.id, from, ids: { approve: [], note: [] } };
    this.reads.set(context, reads);
    return reads;
  }

  /** Records that a handler ends its slice with the state of this name. */
  public continues(context: Context, state: string): void {
    const { from, ids } = this.readsOf(context);
    this.left.set(
      state,
      counted((name) => from[name] + ids[name].length),
    );
  }

  /** Checks that no handler waits after its signal has fired. At the current time, no step may be left to execute. */
  public checkWaits(): void {
    const late = [...this.waits].filter(({ processor, signal }) => !processor.dead && signal.aborted);
    this.violations.push(...late.map(({ processor }) => `${processor.name} waits for a message after its end`));
    for (const wait of late) this.waits.delete(wait);
  }

  /** Checks the inbox of a request, and the messages that its attempts have read. */
  public async check(store: Store, request: RequestItem): Promise<string[]> {
    const key = logKey(request);
    const items = await store.query({ table: 'events', partition: inboxKey(key), from: 0 });
    const inbox = items.map(decodeMessage);
    const { messages = 0 } = decodeHead(await store.get('events', headKey(key)));
    const positions = inbox.map(({ offset }) => offset).join();
    const expected = Array.from({ length: messages }, (_, at) => at + 1).join();
    const misplaced = positions === expected ? [] : [`${request.id} has the messages ${positions}, not ${expected}`];
    return [
      ...misplaced,
      ...this.checkOrder(
        request.id,
        inbox.map(({ messageId }) => messageId),
      ),
      ...this.checkReads(request.id, inbox),
    ];
  }

  private checkOrder(requestId: string, stored: readonly string[]): string[] {
    const mine = this.sent.filter(({ message, ackedAt }) => message.request === requestId && ackedAt !== undefined);
    const lost = mine.filter(({ message }) => !stored.includes(message.id));
    const repeated = stored.filter((id, at) => stored.indexOf(id) !== at);
    const placeOf = ({ message }: SentMessage) => stored.indexOf(message.id);
    const early = mine.filter((one) =>
      mine.some((other) => (one.ackedAt as number) < other.sentAt && placeOf(one) > placeOf(other)),
    );
    return [
      ...lost.map(({ message }) => `${message.id} was acknowledged, and is not in the inbox of ${requestId}`),
      ...repeated.map((id) => `${id} is in the inbox of ${requestId} more than once`),
      ...early.map(({ message }) => `${message.id} comes after a later message`),
    ];
  }

  private checkReads(
    requestId: string,
    inbox: readonly { readonly messageId: string; readonly name: string }[],
  ): string[] {
    const isValid = (id: string) => !this.sent.find(({ message }) => message.id === id)?.message.data.bad;
    const problems: string[] = [];
    for (const { from, ids } of [...this.reads.values()].filter((reads) => reads.requestId === requestId)) {
      for (const name of NAMES) {
        const named = inbox.filter((message) => message.name === name).map(({ messageId }) => messageId);
        const expected = named.filter(isValid).slice(from[name], from[name] + ids[name].length);
        if (ids[name].join() !== expected.join()) {
          problems.push(`an attempt of ${requestId} read ${ids[name]} of ${name}, instead of ${expected}`);
        }
      }
    }
    return problems;
  }
}

const counted = (count: (name: string) => number): Counts =>
  Object.fromEntries(NAMES.map((name) => [name, count(name)]));
