import type { RequestItem } from '../../../lambda-src/core/request';
import type { HandlerContext } from '../../../lambda-src/handler';

/** A processor of the simulation. */
interface Processor {
  readonly name: string;
  readonly dead: boolean;
}

type Context = Pick<HandlerContext<never, never>, 'request' | 'signal'>;

/**
 * The attempts of a serial action whose handlers run: those of processors that live and that were not told to stop.
 *
 * Two of them may overlap only where the first one's lease had ended by the fastest clock: its lock may then pass on several times.
 */
export class LiveAttempts {
  public readonly overlaps: string[] = [];
  private readonly running = new Map<Processor, Context>();
  private readonly leases = new Map<string, number>();

  /** @param fastestClock what it shows */
  public constructor(private readonly fastestClock: () => number) {}

  public async during<T>(processor: Processor, context: Context, work: () => Promise<T>): Promise<T> {
    this.check(processor, 'starts');
    this.running.set(processor, context);
    try {
      return await work();
    } finally {
      this.running.delete(processor);
    }
  }

  /** A lease was written: by a claim, or by the renewal of an attempt, which must not outlive the start of another one. */
  public leased({ id, fence, leaseUntil = 0 }: RequestItem, writer: Processor | undefined): void {
    this.leases.set(nameOf(id, fence), leaseUntil);
    if (writer && this.isLive(writer)) this.check(writer, 'renews');
  }

  private check(processor: Processor, what: string): void {
    for (const [other, { request }] of this.running) {
      const leaseUntil = this.leases.get(nameOf(request.id, request.attempt)) ?? 0;
      if (other === processor || !this.isLive(other) || leaseUntil < this.fastestClock()) continue;
      this.overlaps.push(`${processor.name} ${what} while ${other.name} runs ${request.id}`);
    }
  }

  private isLive(processor: Processor): boolean {
    return !processor.dead && this.running.get(processor)?.signal.aborted === false;
  }
}

const nameOf = (id: string, fence: number): string => `${id}/${fence}`;
