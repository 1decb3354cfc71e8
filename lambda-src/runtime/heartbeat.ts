import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Claim } from '../core';
import type { Heartbeat, Overdue } from '../flows/attempt/process';
import type { Log } from '../flows/ports';

/** From the processor to its heartbeat's thread. */
export type HeartbeatCommand =
  | ({ readonly kind: 'start'; readonly receiptHandle: string; readonly overdue: Overdue } & Claim)
  | ({ readonly kind: 'handlerEnded' } & Claim)
  | ({ readonly kind: 'stop' } & Claim);

/** Message from the thread: another attempt has the lease, or the attempt was ended as overdue. */
export interface LeaseLost extends Claim {
  readonly kind: 'lost';
}

/** Tells claims apart: every request begins with the same fence. */
export const claimId = ({ requestKey, fence }: Claim): string => `${fence}#${requestKey}`;

/** File of the thread, which lies beside the processor's bundle. */
export const HEARTBEAT_FILE = 'heartbeat.js';

/** A heartbeat on a thread of its own: a handler that keeps the main thread busy does not lose its lease. */
export class ThreadHeartbeat {
  private worker: Worker | undefined;
  private readonly onLost = new Map<string, () => void>();

  public constructor(
    private readonly log: Log,
    private readonly file = join(__dirname, HEARTBEAT_FILE),
  ) {}

  /**
   * The heartbeat of one message, whose visibility is renewed together with the lease.
   *
   * @param hide brings the message's visibility down to the lease, on this thread: the other one is not up yet at the first claim
   */
  public of(receiptHandle: string, hide: () => Promise<void>): Heartbeat {
    let claim: Claim | undefined;
    return {
      start: async (started, onLost, overdue) => {
        claim = started;
        this.onLost.set(claimId(claim), onLost);
        this.worker ??= this.spawn();
        this.send({ kind: 'start', ...claim, receiptHandle, overdue });
        await hide();
      },
      handlerEnded: () => {
        if (claim) this.send({ kind: 'handlerEnded', ...claim });
      },
      stop: () => {
        if (!claim) return;
        this.onLost.delete(claimId(claim));
        this.send({ kind: 'stop', ...claim });
      },
    };
  }

  private send(command: HeartbeatCommand): void {
    this.worker?.postMessage(command);
  }

  /** One thread an environment; it is made at the first claim, and again if it should die. */
  private spawn(): Worker {
    const worker = new Worker(this.file);
    worker.on('message', (lost: LeaseLost) => this.onLost.get(claimId(lost))?.());
    worker.on('error', (error) => {
      this.log.error('the heartbeat died', { error });
      this.worker = undefined;
    });
    // after the listeners: one for messages would hold the process again
    worker.unref();
    return worker;
  }
}
