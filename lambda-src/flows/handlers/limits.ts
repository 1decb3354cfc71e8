import type { Limits } from '../../../src/contract';
import { CONSTANTS, exceedsBytes, type Json, StreamerError } from '../../protocol';

/** @throws StreamerError `INVALID_INPUT`: nothing of a larger input is stored */
export function checkInputSize(input: Json | undefined, { maxInputBytes }: Limits): void {
  const limit = maxInputBytes ?? CONSTANTS.limits.clientFrameBytes;
  if (input === undefined || !exceedsBytes(JSON.stringify(input), limit)) return;
  throw new StreamerError('INVALID_INPUT', `The input must be at most ${limit} bytes of JSON.`);
}

/**
 * @param ownLimit bytes that fit where the result goes
 * @throws StreamerError `RESULT_TOO_LARGE`
 */
export function checkResultSize(text: string, ownLimit: number, { maxResultBytes }: Limits): void {
  const limit = Math.min(ownLimit, maxResultBytes ?? ownLimit);
  if (exceedsBytes(text, limit)) {
    throw new StreamerError('RESULT_TOO_LARGE', `A result must be at most ${limit} bytes of JSON.`);
  }
}

/**
 * @param count events that the request has
 * @throws StreamerError `INVALID_EVENT`
 */
export function checkEventCount(count: number, { maxEvents }: Limits): void {
  if (count >= maxEvents)
    throw new StreamerError('INVALID_EVENT', `emit: a request may have at most ${maxEvents} events`);
}
