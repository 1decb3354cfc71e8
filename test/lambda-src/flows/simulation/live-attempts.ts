import { type RequestItem, sliceOf } from '../../../../lambda-src/core/request';
import type { HandlerContext, HandlerRequest } from '../../../../lambda-src/handler';

/** A processor of the simulation. */
interface Processor {
  readonly name: string;
  readonly dead: boolean;
}

type Context = Pick<HandlerContext<never, never>, 'request' | 'signal'>;

/** A maximum of concurrent attempts among requests with the same name. */
export interface CapRule {
  readonly max: number;
  /** Common name of the requests that the cap limits together. */
  readonly of: (requestId: string) => string;
}

/**
 * The attempts of an action whose handlers run: those of processors that live and that were not stopped.
 *
 * More of them than a cap allows may run only where the lease of one had ended by the fastest clock: its slot may then pass on several times. That is so
 * for an attempt whose handler runs by then, and for one that was held up for longer than a lease between its claim and its handler's
 * start while nothing renewed the lease.
 */
export class LiveAttempts {
  public readonly overlaps: string[] = [];
  /** Handlers that were started although their attempt had been stopped. */
  public readonly lateStarts: string[] = [];
  /** Largest number of attempts that ran at a time. */
  public most = 0;
  private readonly running = new Map<Processor, Context>();
  private readonly leases = new Map<string, number>();

  /** @param fastestClock what it shows */
  public constructor(
    private readonly fastestClock: () => number,
    private readonly rules: readonly CapRule[],
  ) {}

  public async during<T>(processor: Processor, context: Context, work: () => Promise<T>): Promise<T> {
    this.running.set(processor, context);
    this.most = Math.max(this.most, this.running.size);
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
    const id = this.running.get(processor)?.request.id;
    if (id === undefined || this.hasEnded(processor)) return;
    const others = [...this.running].filter(
      ([other]) => other !== processor && this.isLive(other) && !this.hasEnded(other),
    );
    for (const { max, of } of this.rules) {
      const same = others.filter(([, { request }]) => of(request.id) === of(id));
      if (same.length < max) continue;
      this.overlaps.push(`${processor.name} ${what} while ${same.map(([{ name }]) => name)} run, of ${max}`);
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
