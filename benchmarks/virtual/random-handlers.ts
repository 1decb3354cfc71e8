import type { HandlerContext } from '../../lambda-src/handler';
import { HandlerError } from '../../lambda-src/handler';
import type { VirtualClock } from './clock';
import type { Invocation } from './invocation';

export type Context = Pick<HandlerContext, 'request' | 'signal' | 'progress' | 'continue' | 'messages'>;

interface Work {
  readonly context: Context;
  readonly invocation: Invocation;
  readonly clock: VirtualClock;
  readonly random: () => number;
  /** Duration of the attempt, unless it is stopped earlier. */
  readonly ms: number;
}

/** Reports progress often, and returns a partial result when its signal fires. */
async function report({ context, clock, ms }: Work): Promise<unknown> {
  const signal = context.signal as AbortSignal;
  const end = clock.now() + ms;
  for (let percentage = 0; clock.now() < end && !signal.aborted; percentage = (percentage + 1) % 100) {
    context.progress(percentage);
    await clock.sleep(250, signal);
  }
  return 'partial';
}

/** Never reports, and throws when its signal fires. */
async function keepSilent({ context, clock, ms }: Work): Promise<unknown> {
  await clock.sleep(ms, context.signal as AbortSignal);
  context.signal.throwIfAborted();
  return null;
}

/** Ignores its signal, so that only the end of its process ends it. */
const ignoreSignal = ({ invocation, clock, ms }: Work): Promise<unknown> =>
  Promise.race([clock.sleep(ms), invocation.ended]);

async function waitForMessage({ context, ms }: Work): Promise<unknown> {
  for await (const message of context.messages('none', { waitSeconds: ms / 1000 })) return message;
  return null;
}

/** Fails. The next attempt starts after up to 20 s. */
async function fail(work: Work): Promise<unknown> {
  await keepSilent({ ...work, ms: work.ms / 6 });
  const retryAfter = 1 + Math.floor(work.random() * 20);
  throw new HandlerError('BUSY', 'busy', { retryable: true, retryAfter });
}

/** Ends its slice. The next slice starts after up to 20 s. */
async function continueLater(work: Work): Promise<unknown> {
  await keepSilent({ ...work, ms: work.ms / 12 });
  return work.context.continue(undefined, { delay: work.random() * 20 });
}

const HANDLERS = [
  report,
  keepSilent,
  ignoreSignal,
  waitForMessage,
  fail,
  fail,
  continueLater,
  continueLater,
  continueLater,
] as const;

/** Runs one of the handlers. */
export const runAny = (work: Work): Promise<unknown> => HANDLERS[Math.floor(work.random() * HANDLERS.length)](work);
