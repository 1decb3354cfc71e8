import type { LogEvent } from '../emulator/types';
import type { Failure } from './types';

/** Maximum number of requests whose failures are kept; the oldest are discarded first. */
const MAX_REQUESTS = 1000;
const MAX_OF_REQUEST = 20;

/**
 * Errors of handlers by request and attempt. Clients receive only `HANDLER_ERROR`, so the run reads the original error
 * from the function's log.
 */
export class Failures {
  private readonly byId = new Map<string, Failure[]>();

  /**
   * Adds the failure that a log line reports.
   *
   * @returns the failure, or undefined if the line does not report the failure of a request
   */
  public add({ subject, thrown, level }: LogEvent, at: number): Failure | undefined {
    const { id, action, run = 1, attempt = 1 } = subject ?? {};
    if (id === undefined || thrown === undefined || level !== 'error') return undefined;
    const failure: Failure = { id, action, run, attempt, at, title: thrown.title, place: thrown.place };
    const others = (this.byId.get(id) ?? []).filter((known) => !isSameAttempt(known, failure));
    // moves the request to the end of the map: the first request is discarded first
    this.byId.delete(id);
    this.byId.set(id, [...others, failure].slice(-MAX_OF_REQUEST));
    if (this.byId.size > MAX_REQUESTS) this.byId.delete(this.byId.keys().next().value as string);
    return failure;
  }

  /** Returns the failures of the requests with this id, oldest first. Two users may choose the same id. */
  public of(id: string, action?: string): readonly Failure[] {
    return (this.byId.get(id) ?? []).filter((failure) => belongs(failure, action));
  }
}

/** Whether a failure belongs to the action. A function with a single action does not log the action's name. */
const belongs = (failure: Failure, action: string | undefined): boolean =>
  action === undefined || failure.action === undefined || failure.action === action;

const isSameAttempt = (one: Failure, other: Failure): boolean =>
  one.run === other.run && one.attempt === other.attempt && one.action === other.action;
