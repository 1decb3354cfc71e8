import { isTerminal, type RequestItem } from '../../../../lambda-src/core/request';
import type { HandlerContext } from '../../../../lambda-src/handler';

/** A processor of the simulation. */
interface Processor {
  readonly name: string;
  readonly dead: boolean;
}

type Context = Pick<HandlerContext, 'request'>;
type Run = Pick<RequestItem, 'id' | 'run'>;

const nameOf = ({ id, run }: Run): string => `${id}/${run}`;

/** The promises of cancellations in any order of steps: a cancelled run is never claimed again, and ends as CANCELLED. */
export class Cancellations {
  public readonly violations: string[] = [];
  private readonly stored = new Set<string>();
  /** Runs whose cancellation was acknowledged, with the time of the acknowledgment. */
  private readonly acknowledged = new Map<string, number>();
  private readonly running = new Map<Processor, Context>();

  public acknowledge(run: Run, now: number): void {
    this.acknowledged.set(nameOf(run), now);
  }

  /** A request was written. */
  public observe(before: RequestItem | undefined, after: RequestItem): void {
    const run = nameOf(after);
    if (after.cancelRequested || after.status === 'CANCELLED') this.stored.add(run);
    if (!this.stored.has(run)) return;
    if (before && after.fence !== before.fence) this.violations.push(`${run} was retried after its cancellation`);
    if (after.status === 'PENDING') this.violations.push(`${run} is PENDING after its cancellation`);
    if (isTerminal(after.status) && after.status !== 'CANCELLED') {
      this.violations.push(`${run} is ${after.status} after its cancellation`);
    }
  }

  /** Runs a handler. The end of its process ends it, too. */
  public async during<T>(processor: Processor, context: Context, work: () => Promise<T>): Promise<T> {
    this.running.set(processor, context);
    try {
      return await work();
    } finally {
      this.running.delete(processor);
    }
  }

  /** Returns the handlers that run. */
  public get runs(): [Processor, Run][] {
    return [...this.running].map(([processor, { request }]) => [processor, request]);
  }

  /** Returns the handlers that run although the cancellation of their run was acknowledged before `time`. */
  public runningSince(time: number): string[] {
    const isLate = (run: Run) => (this.acknowledged.get(nameOf(run)) ?? Number.POSITIVE_INFINITY) < time;
    return [...this.running]
      .filter(([{ dead }, { request }]) => !dead && isLate(request))
      .map(([{ name }, { request }]) => `${name} runs ${nameOf(request)}`);
  }
}
