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
  /** Runs whose cancellation was acknowledged. */
  private readonly acknowledged = new Set<string>();
  private readonly running = new Map<Processor, Context>();

  public acknowledge(run: Run): void {
    this.acknowledged.add(nameOf(run));
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

  /** Handlers that run although the cancellation of their run was acknowledged. */
  public get stillRunning(): string[] {
    return [...this.running]
      .filter(([{ dead }, { request }]) => !dead && this.acknowledged.has(nameOf(request)))
      .map(([{ name }, { request }]) => `${name} runs ${nameOf(request)}`);
  }
}
