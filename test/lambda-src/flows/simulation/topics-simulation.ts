import { topicKey } from '../../../../lambda-src/core/keys';
import { markLarge } from '../../../../lambda-src/core/topic-log';
import { type Connection, connect } from '../../../../lambda-src/flows/connect/connection';
import type { Deps, Gateway, Store } from '../../../../lambda-src/flows/ports';
import { type NotifyDeps, notify } from '../../../../lambda-src/flows/topics/notify';
import { type QueuedMessage, toQueued } from '../../../../lambda-src/flows/topics/queue-message';
import { answerTopic, headOf, type Topics } from '../../../../lambda-src/flows/topics/topics';
import type { Json, SubscribeAckFrame, TopicMessageFrame } from '../../../../lambda-src/protocol';
import { DEFAULTS } from '../../../../src/contract';
import { MemoryStore } from '../../../fakes/memory-store';
import { randomNumbers } from '../../../support/random';
import { settle } from '../../support/settle';

/**
 * A simulation of notifiers, publishers and subscribers of two tenants in one process. A seed decides the order of all steps.
 *
 * Each call to the store or the gateway is a step, and may be the last one of its notifier. Messages come again, even while another notifier still
 * works on them, as if the queue did not keep groups in order. Frames are lost. At the end, no further faults occur until all work is finished.
 */

interface Actor {
  /** Whether the actor may die. */
  readonly mortal: boolean;
  dead: boolean;
}

interface Step {
  readonly actor: Actor;
  readonly run: () => Promise<void>;
}

interface Queued extends QueuedMessage {
  receive: number;
  inFlight: boolean;
}

/** The state of a topic that a client of the protocol keeps. */
class Subscriber {
  public readonly delivered: Json[] = [];
  public expected: number | undefined;
  public epoch: string | undefined;
  public joining = false;

  public constructor(public readonly connection: Connection) {}

  /** Handles a frame. @returns whether the subscriber has missed a message */
  public take(frame: TopicMessageFrame): boolean {
    if (this.expected === undefined || frame.offset > this.expected) return true;
    if (frame.offset === this.expected) {
      this.delivered.push(frame.data);
      this.expected += 1;
    }
    return false;
  }
}

const TOPIC = 'rooms/1';
const TENANTS = ['acme', 'evil'];
const CHAOS_STEPS = 150;

export class TopicSimulation {
  public readonly violations: string[] = [];
  public readonly seen = { crashes: 0, repetitions: 0, races: 0, lost: 0, gaps: 0, delivered: 0, parts: 0 };
  private readonly random: () => number;
  private readonly memory = new MemoryStore();
  private readonly subscribers: Subscriber[];
  private readonly topics: Topics;
  private steps: Step[] = [];
  private queue: Queued[] = [];
  private published = 0;
  private ids = 0;
  private chaos = true;

  /**
   * @param faults whether faults occur. Without faults, nothing is lost, dies or comes again, and no subscriber subscribes again; only the order is
   * random
   */
  public constructor(
    seed: number,
    private readonly faults = true,
  ) {
    this.random = randomNumbers(seed);
    this.subscribers = [0, 1, 2, 3].map(
      (n) => new Subscriber({ connectionId: `c${n}`, connectedAt: n, tenant: TENANTS[n % 2] as string, user: 'u' }),
    );
    this.topics = {
      rules: [{ pattern: 'rooms/*', publish: true }],
      publisher: { publish: async (message) => this.enqueue([toQueued(message)]) },
    };
  }

  public async run(): Promise<void> {
    for (const { connection } of this.subscribers) await connect({ ...this.deps(), store: this.memory }, connection);
    // In a third of the simulations, the fan-out of each message is distributed over several invocations.
    if (this.random() < 1 / 3) await this.makeLarge();
    for (let i = 0; i < CHAOS_STEPS; i++) await this.chaosStep();
    this.chaos = false;
    await this.comeToRest();
    await this.check();
  }

  private async makeLarge(): Promise<void> {
    for (const tenant of TENANTS) {
      const topic = topicKey(tenant, TOPIC);
      const head = await headOf({ ...this.deps(), store: this.memory }, topic);
      await this.memory.write(markLarge(topic, head));
    }
  }

  private enqueue(messages: readonly QueuedMessage[]): void {
    for (const message of messages) this.queue.push({ ...message, receive: 0, inFlight: false });
  }

  private deps(actor: Actor = { mortal: false, dead: false }): Deps {
    const { memory } = this;
    const store: Store = {
      get: (table, key) => this.step(actor, () => memory.get(table, key)),
      getAll: (table, keys) => this.step(actor, () => memory.getAll(table, keys)),
      write: (write) => this.step(actor, () => memory.write(write)),
      query: (query) => this.step(actor, () => memory.query(query)),
      transact: async (writes) => {
        const applied = await this.step(actor, () => memory.transact(writes));
        if (!applied) this.seen.races++;
        return applied;
      },
    };
    const gateway: Gateway = { post: (to, frame) => this.step(actor, async () => this.post(to, frame)) };
    const nothing = () => undefined;
    return {
      store,
      gateway,
      platform: {
        now: () => 1_700_000_000_000,
        random: this.random,
        newId: () => `id${this.ids++}`,
        // Only the wait before the next renewal may be aborted.
        sleep: async (_, signal) =>
          signal && new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
      },
      log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
      limits: DEFAULTS.limits,
      retentionSeconds: 86_400,
    };
  }

  /** Waits until the seed chooses this call. A dead actor's calls never run. */
  private step<T>(actor: Actor, call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.steps.push({ actor, run: () => call().then(resolve, reject) });
    });
  }

  private async chaosStep(): Promise<void> {
    const dice = this.random();
    if (dice < 0.08) this.publish();
    else if (dice < 0.14) this.subscribe(this.pick(this.subscribers));
    else if (dice < 0.26) this.receive();
    else await this.runStep();
    await settle();
  }

  private async runStep(): Promise<void> {
    const index = Math.floor(this.random() * this.steps.length);
    const [step] = this.steps.splice(index, 1);
    if (!step || step.actor.dead) return;
    const dies = this.chaos && this.faults && step.actor.mortal && this.random() < 0.04;
    // For half of the actors that die, the call takes effect first.
    if (!dies || this.random() < 0.5) await step.run();
    if (!dies) return;
    step.actor.dead = true;
    this.seen.crashes++;
  }

  private publish(): void {
    const tenant = this.pick(TENANTS);
    const again = this.published > 0 && this.random() < 0.2;
    const number = again ? Math.floor(this.random() * this.published) : this.published++;
    if (again) this.seen.repetitions++;
    const message = { tenant, topic: TOPIC, id: `m${number}`, data: `${tenant}:m${number}` };
    void this.topics.publisher.publish(message);
  }

  /** Receives some messages of the queue. If its notifier dies, they stay in the queue. */
  private receive(): void {
    const free = this.queue.filter(({ inFlight }) => !inFlight || (this.chaos && this.faults && this.random() < 0.1));
    const batch = free.slice(0, 1 + Math.floor(this.random() * 3));
    if (batch.length === 0) return;
    for (const message of batch) {
      message.receive += 1;
      message.inFlight = true;
    }
    const actor = { mortal: true, dead: false };
    void this.notify(actor, batch);
  }

  private async notify(actor: Actor, batch: readonly Queued[]): Promise<void> {
    const records = batch.map(({ body, receive }, index) => ({
      messageId: String(index),
      ...{ body, receive },
      receiptHandle: String(index),
    }));
    const ports: Omit<NotifyDeps, keyof Deps> = {
      deadline: Number.POSITIVE_INFINITY,
      largeFrom: 1_000,
      pace: { take: async () => true },
      hide: async () => undefined,
      send: (messages) =>
        this.step(actor, async () => {
          this.enqueue(messages);
          this.seen.parts += messages.length;
        }),
      onPublished: () => undefined,
    };
    const failed = await notify({ ...this.deps(actor), ...ports }, records);
    if (failed.length > 0) this.violations.push('a notifier failed without a fault');
    this.queue = this.queue.filter((message) => !batch.includes(message));
  }

  private subscribe(subscriber: Subscriber): void {
    if (subscriber.joining) return;
    subscriber.joining = true;
    void this.join(subscriber).finally(() => {
      subscriber.joining = false;
    });
  }

  /** Subscribes from the current position, the first time from the start. */
  private async join(subscriber: Subscriber): Promise<void> {
    const { expected = 0, epoch, connection } = subscriber;
    const message = { type: 'subscribe', topic: TOPIC, offset: expected, ...(epoch && { epoch }) } as const;
    const ack = (await answerTopic(this.deps(), this.topics, connection, message)) as SubscribeAckFrame;
    if (ack.recovered === false || (epoch !== undefined && epoch !== ack.epoch)) {
      this.violations.push('a log was not recovered');
    }
    subscriber.expected ??= 0;
    subscriber.epoch = ack.epoch;
    for (const entry of ack.entries ?? []) this.take(subscriber, entry);
  }

  private post(to: string, text: string): 'sent' | 'busy' {
    const subscriber = this.subscribers.find(({ connection }) => connection.connectionId === to) as Subscriber;
    if (this.chaos && this.faults && this.random() < 0.1) {
      this.seen.lost++;
      return this.random() < 0.5 ? 'sent' : 'busy';
    }
    if (this.take(subscriber, JSON.parse(text) as TopicMessageFrame)) {
      this.seen.gaps++;
      this.subscribe(subscriber);
    }
    return 'sent';
  }

  private take(subscriber: Subscriber, frame: TopicMessageFrame): boolean {
    if (!String(frame.data).startsWith(`${subscriber.connection.tenant}:`)) this.violations.push('tenants met');
    const { length } = subscriber.delivered;
    const missed = subscriber.take(frame);
    this.seen.delivered += subscriber.delivered.length - length;
    return missed;
  }

  /** Ends all faults. Dead notifiers have left their messages in the queue, and each subscriber subscribes once more, as after its watch time. */
  private async comeToRest(): Promise<void> {
    this.steps = this.steps.filter(({ actor }) => !actor.dead);
    await this.drain();
    for (const message of this.queue) message.inFlight = false;
    while (this.queue.length > 0) {
      this.receive();
      await this.drain();
    }
    for (const subscriber of this.subscribers) if (this.faults) this.subscribe(subscriber);
    await this.drain();
  }

  private async drain(): Promise<void> {
    await settle();
    while (this.steps.length > 0) {
      await this.runStep();
      await settle();
    }
  }

  private async check(): Promise<void> {
    for (const tenant of TENANTS) {
      const log = this.memory.all('events').filter(({ data }) => String(data).startsWith(`"${tenant}:`));
      const entries = log.sort((a, b) => Number(a.offset) - Number(b.offset));
      const data = entries.map((entry) => JSON.parse(String(entry.data)));
      if (entries.some(({ offset }, index) => offset !== index)) this.violations.push('the log has a gap');
      if (new Set(data).size !== data.length) this.violations.push('a message is in the log twice');
      for (const { connection, delivered, expected } of this.subscribers) {
        if (connection.tenant !== tenant || JSON.stringify(delivered) === JSON.stringify(data)) continue;
        if (expected === undefined) continue;
        this.violations.push(`${connection.connectionId} was given ${delivered}, the log is ${data}`);
      }
    }
  }

  private pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.random() * all.length)] as T;
  }
}
