import type { ServiceCall } from './service';

/** A failure that is injected into one call. */
export interface Fault {
  /** Delay in milliseconds before the call. @default 0 */
  readonly delayMs?: number;
  /**
   * - `throttle`: the service's error for too many requests
   * - `error`: an internal error of the service; its status is {@link Fault.status}
   * - `drop`: the connection is closed before the service receives the request
   * - `drop-response`: the service performs the action, and the connection is closed before the response
   *
   * @default - the service answers
   */
  readonly outcome?: 'throttle' | 'error' | 'drop' | 'drop-response';
  /** HTTP status of the outcome `error`. @default 500 */
  readonly status?: 500 | 503;
}

/** Chooses the fault of a call. Only calls that the entry point admits have one. */
export type FaultHook = (call: ServiceCall) => Fault | undefined;

export interface FaultOptions {
  /** Action of the calls that fail, such as `sqs:SendMessage`. @default - all actions of the service */
  readonly action?: string;
  /** Number of calls that fail. @default - all until the fault is removed */
  readonly times?: number;
}

interface Injected extends FaultOptions {
  readonly service: string;
  readonly fault: Fault;
  left: number;
}

/** Faults by service, to be added and removed while an entry point serves requests. */
export class Faults {
  private readonly injected = new Set<Injected>();

  /** Adds a fault. If several apply to a call, the first one counts. @returns a function that removes it */
  public inject(service: string, fault: Fault, options: FaultOptions = {}): () => void {
    const injected = { ...options, service, fault, left: options.times ?? Number.POSITIVE_INFINITY };
    this.injected.add(injected);
    return () => this.injected.delete(injected);
  }

  public readonly of: FaultHook = ({ service, action }) => {
    for (const injected of this.injected) {
      if (injected.service !== service || (injected.action ?? action) !== action || injected.left < 1) continue;
      injected.left -= 1;
      return injected.fault;
    }
    return undefined;
  };
}
