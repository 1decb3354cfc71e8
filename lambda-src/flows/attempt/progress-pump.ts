import { PERSIST_INTERVAL_MS } from '../../core/coalescer';
import type { Deps } from '../ports';
import type { AttemptProgress } from './attempt-progress';
import { type AttemptLog, StaleAttempt } from './log';
import type { Turns } from './turns';

/** Does what is due of an attempt's progress, until it is closed or another attempt has the log. */
export class ProgressPump {
  private readonly closing = new AbortController();
  private wakeUp = new AbortController();
  private readonly running: Promise<void>;

  /** Begins at once. */
  public constructor(
    private readonly deps: Pick<Deps, 'world' | 'log'>,
    private readonly log: AttemptLog,
    private readonly progress: AttemptProgress,
    private readonly turns: Turns,
  ) {
    this.running = this.run();
  }

  /** Notifies the pump that a report may be due before its pause ends. */
  public wake(): void {
    this.wakeUp.abort();
  }

  public async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.closing.signal.aborted && !this.log.stale) {
      try {
        await this.step();
      } catch (error) {
        if (error instanceof StaleAttempt) return;
        this.deps.log.warn('progress could not be written', { error });
        await this.rest(PERSIST_INTERVAL_MS);
      }
    }
  }

  private async step(): Promise<void> {
    const due = this.progress.due();
    if ('work' in due) await this.turns.take(due.work);
    else await this.rest(due.waitMs);
  }

  private async rest(ms: number): Promise<void> {
    this.wakeUp = new AbortController();
    const either = AbortSignal.any([this.wakeUp.signal, this.closing.signal]);
    await this.deps.world.sleep(Math.max(1, ms), either);
  }
}
