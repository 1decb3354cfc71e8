import type { FaultPlan } from '../../../local/emulator/chaos';
import type { Queue } from '../../../local/emulator/sqs';
import type { VirtualClock } from '../clock';
import { FaultyClient } from './faulty-client';

type Outgoing = Parameters<Queue['send']>[0];

/** Sends messages to a queue, with the faults of a plan. */
export class FaultyQueue {
  private readonly duplicates = new Set<string>();
  private readonly client: FaultyClient | undefined;

  public constructor(
    private readonly queue: Queue,
    clock: VirtualClock,
    private readonly plan?: FaultPlan,
  ) {
    this.client = plan && new FaultyClient({ clock, plan, beganAt: clock.now() }, 'sqs');
  }

  /** Sends a batch. @returns indexes of the messages that were not accepted. @throws Error if the queue does not answer */
  public async send(messages: readonly Outgoing[]): Promise<number[]> {
    return this.client
      ? this.client.call('send', async (fault) => this.sendSome(messages, fault?.fault))
      : this.sendSome(messages);
  }

  private sendSome(messages: readonly Outgoing[], fault?: string): number[] {
    const isRefused = (index: number) => fault === 'partial' && index % 2 === 0;
    for (const [index, message] of messages.entries()) if (!isRefused(index)) this.sendOne(message);
    return [...messages.keys()].filter(isRefused);
  }

  /** Whether a message that is received is delivered twice. */
  public isDuplicate(messageId: string): boolean {
    return this.duplicates.delete(messageId);
  }

  private sendOne(message: Outgoing): void {
    const fault = this.plan?.next('message');
    if (fault) this.plan?.took(fault);
    if (fault?.fault === 'lose') return;
    if (fault?.fault === 'poison') this.queue.send({ ...message, body: '{"poison":true}' });
    const delayMs = (message.delayMs ?? 0) + (fault?.fault === 'late' ? fault.ms : 0);
    const { messageId } = this.queue.send({ ...message, delayMs });
    if (fault?.fault === 'duplicate') this.duplicates.add(messageId);
  }
}
