import WebSocket from 'ws';
import {
  type ConnectionState,
  type Debounce,
  type StateDetail,
  StreamerClient,
  StreamerError,
} from '../../../client-sdks/typescript/src';
import { type CliIo, DONE, FAILED, TIMED_OUT } from '../command';
import { INTERRUPTED } from '../shutdown';
import { type Display, humanDisplay, jsonDisplay } from './display';
import { explain } from './explain';
import { findTarget, type TargetOptions } from './target';

/** The request that the command sends or attaches to. */
export type Subject =
  | {
      readonly kind: 'request';
      readonly id: string;
      readonly action: string;
      readonly input: unknown;
      readonly priority?: string;
      readonly debounce?: Debounce;
    }
  | { readonly kind: 'attach'; readonly id: string };

export interface FollowOptions extends TargetOptions {
  readonly timeoutMs?: number;
  readonly json: boolean;
}

/** Name of the action of an attached request. The client requires a name, but only the id has an effect. */
const ANY_ACTION = 'any';
/** Maximum time in milliseconds until the first connection is open. */
const CONNECT_MS = 10_000;

/**
 * Shows a request until it ends.
 *
 * @returns the exit code
 */
export async function follow(subject: Subject, options: FollowOptions, io: CliIo): Promise<number> {
  const { url, token, actions = [], syncActions = [], endpoint } = await findTarget(options, io.cwd);
  const display = options.json ? jsonDisplay(io) : humanDisplay(io);
  const client = new StreamerClient(url, {
    token,
    webSocket: WebSocket as never,
    onStateChange: connectionNotes(display),
  });
  const isSync = subject.kind === 'request' && syncActions.includes(subject.action);
  const { signal } = io.shutdown();
  const endsAt = options.timeoutMs === undefined ? undefined : performance.now() + options.timeoutMs;
  try {
    await firstConnection(client, url, { signal, timeoutMs: options.timeoutMs });
    display.begun(subject.id);
    const timeoutMs = endsAt === undefined ? undefined : Math.max(1, Math.round(endsAt - performance.now()));
    display.result(await outcome(client, subject, { timeoutMs, signal }, display));
    return DONE;
  } catch (error) {
    return await failed(error, subject, display, { signal, actions, endpoint, isSync });
  } finally {
    client.close();
    io.shutdown().dispose();
  }
}

function outcome(
  client: StreamerClient,
  subject: Subject,
  { timeoutMs, signal }: { readonly timeoutMs?: number; readonly signal: AbortSignal },
  display: Display,
): Promise<unknown> {
  const listeners = {
    onProgress: display.progress,
    onEvent: display.event,
    onReset: () => display.note('a new log begins: some events may be repeated'),
  };
  const all = { ...listeners, timeoutMs, signal };
  if (subject.kind === 'attach') return client.attach(ANY_ACTION, { id: subject.id }, all);
  const { id, action, input, priority, debounce } = subject;
  return client.request(action, input, { ...all, id, priority, debounce });
}

interface Patience {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

/**
 * Waits for the first connection for a limited time. The client itself retries forever, which is wrong for a mistyped
 * address.
 */
export async function firstConnection(
  client: StreamerClient,
  url: string,
  { signal, timeoutMs }: Patience,
): Promise<void> {
  const nothingAnswers = `nothing answers at ${url}`;
  const late =
    timeoutMs !== undefined && timeoutMs < CONNECT_MS ? new TimedOut(nothingAnswers) : new Error(nothingAnswers);
  let onAbort = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new Interrupted());
    signal.addEventListener('abort', onAbort, { once: true });
    // AbortSignal.timeout() is not sufficient: its timer does not keep the process alive. With AbortSignal.any(), Node.js 20
    // may also garbage-collect the signal before it fires.
    timer = setTimeout(() => reject(late), Math.min(timeoutMs ?? CONNECT_MS, CONNECT_MS));
    if (signal.aborted) onAbort();
  });
  try {
    await Promise.race([client.connect(), limit]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Error for a command that the user ended before it sent a request. */
export class Interrupted extends Error {}

/** Error for a command whose timeout ended before it sent a request. */
class TimedOut extends Error {}

/** Reports each lost connection and the next connection that opens. */
export function connectionNotes(display: Pick<Display, 'note'>): (state: ConnectionState, detail: StateDetail) => void {
  let wasConnected = false;
  let isLost = false;
  return (state, { retryInMs, closeCode }) => {
    if (retryInMs !== undefined) {
      isLost = true;
      const why = closeCode === undefined ? 'no connection' : `the connection was lost (${closeCode})`;
      display.note(`${why}, trying again in ${(retryInMs / 1000).toFixed(1)} s`);
    }
    if (state !== 'connected') return;
    if (isLost) display.note(wasConnected ? 'connected again' : 'connected');
    isLost = false;
    wasConnected = true;
  };
}

interface Circumstances {
  readonly signal: AbortSignal;
  /** Actions of the application; empty if the command does not know them. */
  readonly actions: readonly string[];
  /** Address of the local run; absent for an API elsewhere. */
  readonly endpoint?: string;
  readonly isSync: boolean;
}

async function failed(
  error: unknown,
  { id }: Subject,
  display: Display,
  { signal, actions, endpoint, isSync }: Circumstances,
): Promise<number> {
  if (error instanceof Interrupted) return INTERRUPTED;
  if (error instanceof TimedOut) {
    display.note(`timed out: ${error.message}`);
    return TIMED_OUT;
  }
  if (!(error instanceof StreamerError)) throw error;
  if (error.code === 'ABORTED' && signal.aborted) {
    display.left(id, 'interrupted');
    return INTERRUPTED;
  }
  if (error.code === 'TIMEOUT' && isOwnTimeout(error)) {
    display.left(id, 'timed out');
    return TIMED_OUT;
  }
  const explanation =
    endpoint !== undefined && UNEXPLAINED.has(error.code) ? await explain(endpoint, { id, isSync }) : undefined;
  display.error(error, { hint: error.code === 'UNKNOWN_ACTION' ? hintOf(actions) : undefined, ...explanation });
  return FAILED;
}

/** Error codes for which only a function's log has the details. */
const UNEXPLAINED: ReadonlySet<string> = new Set(['HANDLER_ERROR', 'INTERNAL', 'ATTEMPT_LOST', 'HANDLER_TIMEOUT']);

const hintOf = (actions: readonly string[]): string | undefined =>
  actions.length > 0 ? `the app's actions: ${actions.join(', ')}` : undefined;

/** Whether the client itself reported the timeout, and not a sync action. */
function isOwnTimeout({ details }: StreamerError): boolean {
  return typeof details === 'object' && details !== null && 'timeoutMs' in details;
}
