import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Log } from '../flows/ports';
import type { Heartbeat } from '../flows/process';

/** From the processor to its heartbeat's thread. */
export type HeartbeatCommand =
  | { readonly kind: 'start'; readonly requestKey: string; readonly fence: number; readonly receiptHandle: string }
  | { readonly kind: 'stop' };

/** From the thread: the lease is another's by now. */
export interface LeaseLost {
  readonly kind: 'lost';
  readonly fence: number;
}

/** File of the thread, which lies beside the processor's bundle. */
export const HEARTBEAT_FILE = 'heartbeat.js';

/** A heartbeat on a thread of its own: a handler that keeps the main thread busy does not lose its lease. */
export class ThreadHeartbeat {
  private worker: Worker | undefined;
  private onLost: ((lost: LeaseLost) => void) | undefined;

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
    return {
      start: async ({ requestKey, fence }, onLost) => {
        this.onLost = (lost) => {
          if (lost.fence === fence) onLost();
        };
        this.send({ kind: 'start', requestKey, fence, receiptHandle });
        await hide();
      },
      stop: () => {
        this.onLost = undefined;
        this.send({ kind: 'stop' });
      },
    };
  }

  private send(command: HeartbeatCommand): void {
    this.worker ??= this.spawn();
    this.worker.postMessage(command);
  }

  /** One thread an environment; it is made at the first claim, and again if it should die. */
  private spawn(): Worker {
    const worker = new Worker(this.file);
    worker.unref();
    worker.on('message', (message: LeaseLost) => this.onLost?.(message));
    worker.on('error', (error) => {
      this.log.error('the heartbeat died', { error });
      this.worker = undefined;
    });
    return worker;
  }
}
