import type { AcceptConfig } from '../../src/contract';
import { CONSTANTS, type RequestMessage, StreamerError } from '../protocol';

const MAX_AHEAD_MS = CONSTANTS.timing.notBeforeDays * 86_400_000;

/** The properties of an action that determine when its requests start and which queue they use. */
interface StartRules extends Pick<AcceptConfig, 'priorities'> {
  readonly kind: 'sync' | 'async';
}

/**
 * Checks the fields of a request that determine when it starts and which queue it uses.
 *
 * @throws StreamerError `INVALID_MESSAGE`, `UNKNOWN_PRIORITY`
 */
export function checkStart(message: RequestMessage, rules: StartRules, now: number): void {
  checkPriority(message, rules);
  checkTime(message, rules, now);
  checkDebounce(message, rules);
}

function checkPriority({ action, priority }: RequestMessage, { priorities = [] }: StartRules): void {
  if (priority === undefined || priorities.includes(priority)) return;
  const remedy =
    priorities.length === 0
      ? `${action} has no priority classes: leave \`priority\` out.`
      : `The classes of ${action} are ${priorities.join(', ')}. Use one of them, or leave \`priority\` out.`;
  throw new StreamerError('UNKNOWN_PRIORITY', `There is no priority class ${priority}. ${remedy}`, {
    details: { priorities: [...priorities] },
  });
}

function checkTime({ notBefore }: RequestMessage, { kind }: StartRules, now: number): void {
  if (notBefore === undefined) return;
  if (kind === 'sync') throw invalidStart('notBefore', RUNS_AT_ONCE);
  if (notBefore - now > MAX_AHEAD_MS) {
    throw invalidStart(
      'notBefore',
      `must be at most ${CONSTANTS.timing.notBeforeDays} days ahead, in milliseconds since 1970`,
    );
  }
}

const RUNS_AT_ONCE = 'must be absent: a sync action runs at once';

function checkDebounce({ debounce, notBefore }: RequestMessage, { kind }: StartRules): void {
  if (!debounce) return;
  if (kind === 'sync') throw invalidStart('debounce', RUNS_AT_ONCE);
  if (notBefore !== undefined) throw invalidStart('debounce', 'must be absent if `notBefore` is given');
  const { waitMs, maxWaitMs = waitMs } = debounce;
  if (maxWaitMs < waitMs) throw invalidStart('debounce.maxWaitMs', 'must be at least `waitMs`');
}

function invalidStart(path: string, message: string): StreamerError {
  return new StreamerError('INVALID_MESSAGE', `\`${path}\` ${message}.`, { details: { issues: [{ path, message }] } });
}
