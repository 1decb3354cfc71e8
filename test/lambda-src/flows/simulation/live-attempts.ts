import type { RequestItem } from '../../../../lambda-src/core/request';
import type { HandlerContext } from '../../../../lambda-src/handler';

/** A processor of the simulation. */
interface Processor {
  readonly name: string;
  readonly dead: boolean;
}

type Context = Pick<HandlerContext<never, never>, 'request' | 'signal'>;

/**
 * The attempts of a serial action whose handlers run: those of processors that live and that were not stopped.
 *
 * Two of them may overlap only where the lease of one had ended by the fastest clock: its lock may then pass on several times. That is so
 * for an attempt whose handler runs by then, and for one that was held up for longer than a lease between its claim and its handler's
 * start while nothing renewed the lease.
 */
export class LiveAttempts {
  public readonly overlaps: string[] = [];
  /** Handlers that were started after the attempt had been stopped. */
  public readonly lateStarts: string[] = [];
  private readonly running = new Map<Processor, Context>();
  private readonly leases = new Map<string, number>();

  /** @param fastestClock what it shows */
  public constructor(private readonly fastestClock: () => number) {}

  public async during<T>(processor: Processor, context: Context, work: () => Promise<T>): Promise<T> {
    this.running.set(processor, context);
    if (context.signal.aborted) this.lateStarts.push(`${processor.name} starts ${context.request.id} after its end`);
    this.check(processor, 'starts');
    try {
      return await work();
    } finally {
      this.running.delete(processor);
    }
  }

  /** A lease was written: by a claim, or by the renewal of an attempt, which must not outlive the start of another one. */
  public leased({ id, run, attempt, leaseUntil = 0 }: RequestItem, writer: Processor | undefined): void {
    this.leases.set(nameOf({ id, run, attempt }), leaseUntil);
    if (writer && this.isLive(writer)) this.check(writer, 'renews');
  }

  private check(processor: Processor, what: string): void {
    if (this.hasEnded(processor)) return;
    for (const [other, { request }] of this.running) {
      if (other === processor || !this.isLive(other) || this.hasEnded(other)) continue;
      this.overlaps.push(`${processor.name} ${what} while ${other.name} runs ${request.id}`);
    }
  }

  /** Whether the lease of an attempt has ended. */
  private hasEnded(processor: Processor): boolean {
    const request = this.running.get(processor)?.request;
    return ((request && this.leases.get(nameOf(request))) ?? 0) < this.fastestClock();
  }

  private isLive(processor: Processor): boolean {
    return !processor.dead && this.running.get(processor)?.signal.aborted === false;
  }
}

const nameOf = ({ id, run, attempt }: Pick<RequestItem, 'id' | 'run' | 'attempt'>): string => `${id}/${run}/${attempt}`;
