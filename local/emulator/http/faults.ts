import type { ServiceCall } from './service';

/** A failure to inject into a call. */
export interface Fault {
  /** Delay in milliseconds before the service executes the call. @default 0 */
  readonly delayMs?: number;
  /**
   * Outcome of the call.
   *
   * - `throttle`: the service's error for too many requests
   * - `error`: an internal error of the service with the status {@link Fault.status}
   * - `drop`: the connection is closed before the service receives the request
   * - `drop-response`: the service executes the action, but the connection is closed before the response
   *
   * @default - the service answers
   */
  readonly outcome?: 'throttle' | 'error' | 'drop' | 'drop-response';
  /** HTTP status of the outcome `error`. @default 500 */
  readonly status?: 500 | 503;
}

/** Returns the fault for a call, or undefined. It is called only for calls that the entry point has accepted. */
export type FaultHook = (call: ServiceCall) => Fault | undefined;

export interface FaultOptions {
  /** Action whose calls fail, such as `sqs:SendMessage`. @default - all actions of the service */
  readonly action?: string;
  /** Number of calls that fail. @default - all calls until the fault is removed */
  readonly times?: number;
}

interface Injected extends FaultOptions {
  readonly service: string;
  readonly fault: Fault;
  left: number;
}

/** Faults by service. They can be added and removed at any time. */
export class Faults {
  private readonly injected = new Set<Injected>();

  /**
   * Adds a fault. If several faults apply to a call, the first one counts.
   *
   * @returns a function that removes the fault
   */
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
