import { BOUNDS, type Limits } from '../../../src/contract';
import { mergeFields, type Progress, type RequestItem, sliceOf, toJsonText } from '../../core';
import type { HandlerContext, HandlerRequest, ProgressReport } from '../../handler';
import { CONSTANTS, exceedsBytes, type Json, StreamerError } from '../../protocol';
import type { Log } from '../ports';

/** The function of a handler that runs the action. */
export type RunHandler = (context: HandlerContext<never, never>) => unknown;

/** Functions by which a handler reports. None of them waits for a viewer. */
export interface HandlerReporter {
  /** Keeps the report. It is sent and stored when it is due. */
  progress(progress: Progress): void;
  /** Appends an event. Resolves when the event is stored. */
  emit(name: string, data: Json | undefined): Promise<void>;
  /** Stores a snapshot of the work after all earlier events. @param data JSON string */
  snapshot(data: string): Promise<void>;
  /** Resolves when the latest progress is stored, after all earlier events. */
  flush(): Promise<void>;
}

export interface AttemptOptions {
  readonly request: RequestItem;
  readonly input: unknown;
  /** The state of the previous slice; undefined if there is none. */
  readonly state?: unknown;
  /** Returns the bytes of the input. */
  readonly stream: HandlerContext['stream'];
  readonly continue: HandlerContext['continue'];
  readonly messages: HandlerContext['messages'];
  readonly reporter: HandlerReporter;
  readonly signal: AbortSignal;
  readonly deadline: number;
  readonly log: Log;
}

const EVENT_NAME = new RegExp(CONSTANTS.patterns.name);

/** Creates the context of one attempt, which is the argument of the handler's `run`. */
export function contextOf(options: AttemptOptions): HandlerContext<unknown, Record<string, unknown>> {
  const { request, reporter, signal } = options;
  const barrier = new Barrier();
  return {
    input: options.input,
    stream: options.stream,
    progress: (first: number | ProgressReport, message?: string, metadata?: Record<string, unknown>) => {
      try {
        reporter.progress(
          (typeof first === 'object' && first !== null ? first : { percentage: first, message, metadata }) as never,
        );
      } catch (error) {
        options.log.warn('a progress report could not be read', { error });
      }
    },
    emit: (name, data) => {
      const emitted = emit(options, name, data);
      // Logs a refused event, so that it does not end the process if the handler does not wait for its events.
      emitted.catch((error) => options.log.warn('an event was not stored', { name, error }));
      return barrier.watch(emitted);
    },
    snapshot: (data) => {
      const stored = storeSnapshot(options, data);
      stored.catch((error) => options.log.warn('a snapshot was not stored', { error }));
      return barrier.watch(stored);
    },
    flush: () => {
      const flushed = barrier.pass(() => reporter.flush());
      // As for events: a rejection must not end the process.
      flushed.catch((error) => options.log.warn('the reports were not stored', { error }));
      return flushed;
    },
    state: options.state,
    continue: options.continue,
    messages: options.messages,
    signal,
    request: handlerRequest(request, options.deadline),
    identity: { tenant: request.tenant, user: request.user },
    log: options.log,
  };
}

/** Remembers events and snapshots until they are stored, and failures until `flush` has reported them. A handler need not wait for them. */
class Barrier {
  private readonly open = new Set<Promise<unknown>>();
  private failure: { readonly error: unknown } | undefined;

  public watch(stored: Promise<void>): Promise<void> {
    const watched = stored.catch((error) => {
      this.failure ??= { error };
    });
    this.open.add(watched);
    void watched.then(() => this.open.delete(watched));
    return stored;
  }

  /** Waits for the events and snapshots so far, and then for `store`. @throws the error of the first event since the last call that was not stored */
  public async pass(store: () => Promise<void>): Promise<void> {
    await Promise.all(this.open);
    await store();
    const failure = this.failure;
    this.failure = undefined;
    if (failure) throw failure.error;
  }
}

/** Returns the request in the form in which its handler sees it. @param deadline epoch milliseconds at which the attempt must end */
export function handlerRequest(request: RequestItem, deadline: number): HandlerRequest {
  const { id, action, attempt, run, createdAt } = request;
  return { id, action, attempt, run, slice: sliceOf(request), createdAt, deadline };
}

async function emit({ reporter, signal }: AttemptOptions, name: string, data: unknown): Promise<void> {
  signal.throwIfAborted();
  await reporter.emit(name, checkEvent(name, data));
}

async function storeSnapshot({ reporter, signal }: AttemptOptions, data: unknown): Promise<void> {
  signal.throwIfAborted();
  const text = sendableText(data ?? null, 'INVALID_EVENT');
  if (exceedsBytes(text, BOUNDS.snapshotBytes)) {
    throw new StreamerError('INVALID_EVENT', `snapshot: data must be at most ${BOUNDS.snapshotBytes} bytes of JSON`);
  }
  await reporter.snapshot(text);
}

function checkEvent(name: string, data: unknown): Json | undefined {
  if (typeof name !== 'string' || !EVENT_NAME.test(name)) {
    throw new StreamerError('INVALID_EVENT', `emit: the name must match ${EVENT_NAME.source}, got: ${String(name)}`);
  }
  const text = data === undefined ? undefined : sendableText(data, 'INVALID_EVENT');
  if (text !== undefined && exceedsBytes(text, BOUNDS.eventBytes)) {
    throw new StreamerError('INVALID_EVENT', `emit: data must be at most ${BOUNDS.eventBytes} bytes of JSON`);
  }
  return text === undefined ? undefined : (JSON.parse(text) as Json);
}

/**
 * Checks that a request may have one more event.
 *
 * @param count number of events that the request has so far
 * @throws StreamerError `INVALID_EVENT`
 */
export function checkEventCount(count: number, { maxEvents }: Limits): void {
  if (count < maxEvents) return;
  throw new StreamerError('INVALID_EVENT', `emit: a request may have at most ${maxEvents} events`);
}

/** Serializes a value to JSON. @throws StreamerError with the given code, if a client would refuse the value */
export function sendableText(value: unknown, code: string): string {
  try {
    return toJsonText(value);
  } catch (cause) {
    throw new StreamerError(code, `The value cannot be sent: ${(cause as Error).message}.`, { cause });
  }
}

/**
 * Returns a handler's result as a JSON string.
 *
 * @param maxBytes maximum bytes of a result that can be stored or sent
 * @throws StreamerError `RESULT_NOT_JSON`, `RESULT_TOO_LARGE`
 */
export function resultText(result: unknown, maxBytes: number, { maxResultBytes = maxBytes }: Limits): string {
  const text = sendableText(result, 'RESULT_NOT_JSON');
  const limit = Math.min(maxBytes, maxResultBytes);
  if (!exceedsBytes(text, limit)) return text;
  throw new StreamerError('RESULT_TOO_LARGE', `A result must be at most ${limit} bytes of JSON.`);
}

/** Returns a logger whose lines contain the request's fields. */
export function logOf(
  log: Log,
  { id, action, run, attempt }: Pick<RequestItem, 'id' | 'action' | 'run' | 'attempt'>,
): Log {
  const line = (level: keyof Log) => (message: string, fields?: Record<string, unknown>) =>
    log[level](message, mergeFields({ id, action, run, attempt }, fields));
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
