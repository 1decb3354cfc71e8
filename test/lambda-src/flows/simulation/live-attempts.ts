import { type RequestItem, sliceOf } from '../../../../lambda-src/core/request';
import type { HandlerContext, HandlerRequest } from '../../../../lambda-src/handler';

/** A processor of the simulation. */
interface Processor {
  readonly name: string;
  readonly dead: boolean;
}

type Context = Pick<HandlerContext<never, never>, 'request' | 'signal'>;

/**
 * The attempts of a serial action whose handlers are running, in processors that are alive and not stopped.
 *
 * Two such attempts may overlap only if the lease of one had ended by the fastest clock. Its lock may then be taken several times. This applies to an
 * attempt whose handler is already running. It also applies to an attempt that was delayed by more than a lease between its claim and the start of
 * its handler, if nothing renewed the lease.
 */
export class LiveAttempts {
  public readonly overlaps: string[] = [];
  /** Handlers that were started although their attempt had been stopped. */
  public readonly lateStarts: string[] = [];
  private readonly running = new Map<Processor, Context>();
  private readonly leases = new Map<string, number>();

  /** @param fastestClock returns the time of the fastest clock */
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
  public leased(request: RequestItem, writer: Processor | undefined): void {
    this.leases.set(nameOf({ ...request, slice: sliceOf(request) }), request.leaseUntil ?? 0);
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

type Named = Pick<HandlerRequest, 'id' | 'run' | 'slice' | 'attempt'>;

const nameOf = ({ id, run, slice, attempt }: Named): string => `${id}/${run}/${slice}/${attempt}`;
