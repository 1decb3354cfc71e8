import { CONSTANTS, type RequestMessage, StreamerError } from '../../protocol';

const MAX_AHEAD_MS = CONSTANTS.timing.notBeforeDays * 86_400_000;

/**
 * Checks the time before which a request must not start.
 *
 * @throws StreamerError `INVALID_MESSAGE`
 */
export function checkStart({ notBefore }: RequestMessage, kind: 'sync' | 'async', now: number): void {
  if (notBefore === undefined) return;
  if (kind === 'sync') throw invalid('must be absent: a sync action runs at once');
  if (notBefore - now > MAX_AHEAD_MS) {
    throw invalid(`must be at most ${CONSTANTS.timing.notBeforeDays} days ahead, in milliseconds since 1970`);
  }
}

function invalid(message: string): StreamerError {
  const issues = [{ path: 'notBefore', message }];
  return new StreamerError('INVALID_MESSAGE', `\`notBefore\` ${message}.`, { details: { issues } });
}
