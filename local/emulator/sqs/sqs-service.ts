import { randomUUID } from 'node:crypto';
import { type AwsService, awsJsonService, type JsonOperation } from '../http';
import type { StateSlot } from '../state';
import { type Clock, type LogSink, systemClock } from '../types';
import { queueDoesNotExist, unsupportedOperation } from './errors';
import { receiveWaiting } from './long-poll';
import { OPERATIONS, type OperationContext } from './operations';
import { Queue } from './queue';
import { QueuesState } from './queue-state';
import { type Fields, optionalText, requiredText } from './request-fields';
import type { QueueSpec } from './types';

/** Maximum size of a request body: a batch of 1 MiB with all escapes of JSON. */
const MAX_BODY_BYTES = 8 * 1_048_576;

export interface SqsServiceOptions {
  readonly accountId: string;
  readonly region: string;
  readonly log: LogSink;
  /** Address of {@link SqsService.api}, with which queue URLs begin. It may be set later with `setBaseUrl`. */
  readonly baseUrl?: string;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /** Persistent storage of messages. @default - only in memory */
  readonly state?: StateSlot;
}

/** The queues of a local run, with the SQS API. */
export class SqsService {
  /** The API of the service, for an entry point. */
  public readonly api: AwsService;
  private readonly queues = new Map<string, Queue>();
  private readonly clock: Clock;
  private readonly newId: () => string;
  private readonly state: QueuesState | undefined;
  private baseUrl: string;

  public constructor(private readonly options: SqsServiceOptions) {
    this.clock = options.clock ?? systemClock;
    this.newId = options.newId ?? randomUUID;
    this.baseUrl = options.baseUrl ?? 'http://127.0.0.1';
    this.state = options.state && new QueuesState(options.state, () => this.queues);
    this.api = awsJsonService({
      name: 'sqs',
      version: '1.0',
      targetPrefix: 'AmazonSQS.',
      operations: this.operations(),
      log: options.log,
      errorPrefix: 'com.amazonaws.sqs#',
      maxBodyBytes: MAX_BODY_BYTES,
      unsupported: unsupportedOperation,
    });
  }

  public setBaseUrl(url: string): void {
    this.baseUrl = url.replace(/\/$/, '');
  }

  /**
   * Creates a queue. If an earlier run had a queue with this name, it contains that queue's messages. If the queue
   * exists, only its settings change.
   */
  public createQueue(spec: QueueSpec): { queueUrl: string; queueArn: string } {
    const known = this.queues.get(spec.queueName);
    if (known) {
      known.spec = spec;
      return { queueUrl: this.urlOf(known), queueArn: known.arn };
    }
    const { region, accountId } = this.options;
    const queue: Queue = new Queue(spec, {
      arn: `arn:aws:sqs:${region}:${accountId}:${spec.queueName}`,
      senderId: accountId,
      clock: this.clock,
      newId: this.newId,
      deadLetters: () => this.deadLettersOf(queue),
      onDeadLetter: (messageId) => this.reportDeadLetter(queue, messageId),
      keeper: this.state?.keeperOf(spec.queueName, spec.fifo),
    });
    const kept = this.state?.take(spec.queueName);
    if (kept) queue.restore(kept);
    this.queues.set(spec.queueName, queue);
    return { queueUrl: this.urlOf(queue), queueArn: queue.arn };
  }

  /**
   * Removes all other queues.
   *
   * @returns the removed queues, with their numbers of messages
   */
  public retainQueues(names: ReadonlySet<string>): { readonly name: string; readonly messages: number }[] {
    const gone = [...this.queues.values()].filter(({ name }) => !names.has(name));
    const removed = gone.map((queue) => ({ name: queue.name, messages: queue.contents().length }));
    for (const queue of gone) {
      queue.close();
      this.queues.delete(queue.name);
      this.state?.dropped(queue.name);
    }
    const left = this.state?.left() ?? [];
    this.state?.forgetLeft();
    return [...removed, ...left];
  }

  /**
   * Finds a queue by its ARN.
   *
   * @throws SqsError `QueueDoesNotExist`
   */
  public queueByArn(arn: string): Queue {
    return this.queueNamed(arn.split(':').at(-1) ?? '');
  }

  /**
   * Finds a queue by its URL.
   *
   * @throws SqsError `QueueDoesNotExist`
   */
  public queueByUrl(url: string): Queue {
    return this.queueNamed(url.split('/').at(-1) ?? '');
  }

  public urlOf(queue: Queue): string {
    return `${this.baseUrl}/${this.options.accountId}/${queue.name}`;
  }

  /** Stops all timers. A waiting receive ends when its connection closes. */
  public close(): void {
    for (const queue of this.queues.values()) queue.close();
  }

  private operations(): Map<string, JsonOperation> {
    return new Map(
      [...OPERATIONS].map(([name, operation]) => [
        name,
        (fields, { signal }) => {
          optionalText(fields, 'QueueUrl');
          return operation(this.contextOf(fields, signal));
        },
      ]),
    );
  }

  private contextOf(fields: Fields, signal: AbortSignal): OperationContext {
    return {
      fields,
      signal,
      queue: () => this.queueByUrl(requiredText(fields, 'QueueUrl')),
      queueNamed: (name) => this.queueNamed(name),
      queues: () => [...this.queues.values()],
      urlOf: (queue) => this.urlOf(queue),
      receive: (queue, max, waitMs, visibilityMs) =>
        receiveWaiting(queue, () => queue.receive(max, visibilityMs), { clock: this.clock, waitMs, signal }),
    };
  }

  private queueNamed(name: string): Queue {
    const queue = this.queues.get(name);
    if (!queue) throw queueDoesNotExist();
    return queue;
  }

  private deadLettersOf({ spec }: Queue): Queue | undefined {
    return spec.redrive && this.queues.get(spec.redrive.deadLetterQueueArn.split(':').at(-1) ?? '');
  }

  private reportDeadLetter(queue: Queue, messageId: string): void {
    const target = this.deadLettersOf(queue);
    this.options.log({
      source: queue.name,
      level: 'warn',
      message: `message ${messageId} was received ${queue.spec.redrive?.maxReceiveCount} times, moved to ${target?.name}`,
    });
  }
}
