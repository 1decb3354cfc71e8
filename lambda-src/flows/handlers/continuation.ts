import { BOUNDS } from '../../../src/contract';
import { type RequestItem, sliceOf } from '../../core';
import type { Continuation, ContinueOptions } from '../../handler';
import { exceedsBytes, StreamerError } from '../../protocol';
import { sendableText } from './context';

/** The end of a slice, as the handler has requested it. */
export class SliceEnd {
  public constructor(
    /** JSON string of the state for the next slice; undefined if there is none. */
    public readonly state: string | undefined,
    public readonly delayMs: number,
    /** JSON string with the position of the slice in the inbox; undefined if it is unchanged. */
    public readonly messagesRead: string | undefined,
  ) {}
}

/** A handler's `continue`. It remembers the last call, and refuses a handler that has called `continue` but does not return the value of the call. */
export class Continuer {
  private asked: SliceEnd | undefined;

  public constructor(
    private readonly request: RequestItem,
    private readonly inbox: { readonly position: string | undefined },
  ) {}

  /** @throws StreamerError `INVALID_CONTINUE` */
  public readonly continue = (state: unknown, { delay = 0 }: ContinueOptions = {}): Continuation => {
    if (sliceOf(this.request) >= BOUNDS.slices) {
      throw invalidContinue(`a request may have at most ${BOUNDS.slices} slices`);
    }
    this.asked = new SliceEnd(stateText(state), delayMs(delay), this.inbox.position);
    return this.asked as unknown as Continuation;
  };

  /** @throws StreamerError `INVALID_CONTINUE` if the handler has called `continue`, but returned something else */
  public checked(returned: unknown): unknown {
    if (this.asked === undefined || returned === this.asked) return returned;
    throw invalidContinue('the handler must return the value of `continue`: `return context.continue(state)`');
  }
}

export const invalidContinue = (problem: string): StreamerError =>
  new StreamerError('INVALID_CONTINUE', `continue: ${problem}`);

function stateText(state: unknown): string | undefined {
  if (state === undefined) return undefined;
  const text = sendableText(state, 'INVALID_CONTINUE');
  if (!exceedsBytes(text, BOUNDS.stateBytes)) return text;
  throw invalidContinue(`the state must be at most ${BOUNDS.stateBytes} bytes of JSON`);
}

function delayMs(delay: unknown): number {
  const isValid = typeof delay === 'number' && delay >= 0 && delay <= BOUNDS.continueDelaySeconds;
  if (isValid) return Math.ceil(delay * 1000);
  throw invalidContinue(`\`delay\` must be a number of seconds from 0 to ${BOUNDS.continueDelaySeconds}`);
}
