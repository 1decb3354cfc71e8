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
 * The attempts of an action whose handlers run. Their processors are alive, and they were not stopped.
 *
 * More attempts than a cap allows may run only if the lease of one of them has ended by the fastest clock, because other attempts may then take its
 * slot. The handler of this attempt may be running at that time. Or the attempt was delayed between its claim and the start of its handler, for
 * longer than a lease, and nothing renewed the lease.
 */
export class LiveAttempts {
  public readonly overlaps: string[] = [];
  /** Handlers that were started although their attempt had been stopped. */
  public readonly lateStarts: string[] = [];
  /** Largest number of attempts that ran at a time. */
  public most = 0;
  private readonly running = new Map<Processor, Context>();
  private readonly leases = new Map<string, number>();

  /** @param fastestClock returns the time of the fastest clock */
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

  /** Handles a lease that a claim or a renewal has written. An attempt must not renew its lease while too many others run. */
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
