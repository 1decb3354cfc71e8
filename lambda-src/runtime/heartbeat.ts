import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CancelReason, Claim } from '../core';
import type { Heartbeat, HeartbeatListener, WatchedAttempt } from '../flows/attempt/process';
import type { Log } from '../flows/ports';

/** The queue message of an attempt. */
export interface ReceivedMessage {
  readonly queueUrl: string;
  readonly receiptHandle: string;
}

/** Message from the processor to the thread of its heartbeat. */
export type HeartbeatCommand =
  | ({ readonly kind: 'start' } & ReceivedMessage & WatchedAttempt & Claim)
  | ({ readonly kind: 'sawHead' | 'handlerEnded' | 'stop' } & Claim);

/** Message from the thread of the heartbeat to the processor. */
export type HeartbeatReport =
  /** Another attempt has the lease, or the attempt was ended as overdue. */
  ({ readonly kind: 'lost' } & Claim) | ({ readonly kind: 'cancelled' } & CancelReason & Claim);

/** Identifies a claim. The fence alone is not unique, because the fences of every request begin with the same number. */
export const claimId = ({ requestKey, fence }: Claim): string => `${fence}#${requestKey}`;

/** File of the thread, which is next to the processor's bundle. */
export const HEARTBEAT_FILE = 'heartbeat.js';

/** A heartbeat on a separate thread, so that a handler that blocks the main thread does not lose its lease, and can be cancelled. */
export class ThreadHeartbeat {
  private worker: Worker | undefined;
  private readonly listeners = new Map<string, HeartbeatListener>();

  public constructor(
    private readonly log: Log,
    private readonly file = join(__dirname, HEARTBEAT_FILE),
  ) {}

  /**
   * Returns the heartbeat of one message. A worker thread renews the lease, and the message's visibility timeout with it.
   *
   * @param hide shortens the message's visibility timeout to the length of the lease. The main thread calls it, because the worker thread has not
   * started yet at the first claim
   */
  public of(message: ReceivedMessage, hide: () => Promise<void>): Heartbeat {
    let claim: Claim | undefined;
    return {
      start: async (started, on, watched) => {
        claim = started;
        this.listeners.set(claimId(claim), on);
        this.worker ??= this.spawn();
        this.send({ kind: 'start', ...claim, ...message, ...watched });
        await hide();
      },
      sawHead: () => {
        if (claim) this.send({ kind: 'sawHead', ...claim });
      },
      handlerEnded: () => {
        if (claim) this.send({ kind: 'handlerEnded', ...claim });
      },
      stop: () => {
        if (!claim) return;
        this.listeners.delete(claimId(claim));
        this.send({ kind: 'stop', ...claim });
      },
    };
  }

  private receive(report: HeartbeatReport): void {
    const listener = this.listeners.get(claimId(report));
    if (report.kind === 'lost') listener?.onLost();
    else listener?.onCancelled(report);
  }

  private send(command: HeartbeatCommand): void {
    this.worker?.postMessage(command);
  }

  /** Creates the thread at the first claim, and again if the thread dies. A process has one such thread. */
  private spawn(): Worker {
    const worker = new Worker(this.file);
    worker.on('message', (report: HeartbeatReport) => this.receive(report));
    worker.on('error', (error) => {
      this.log.error('the heartbeat died', { error });
      this.worker = undefined;
    });
    // Called after the listeners are added, because a listener for messages would keep the process alive again.
    worker.unref();
    return worker;
  }
}
