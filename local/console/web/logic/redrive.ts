import type { DeadLetterCount, DeadLetterFilter, RedriveView } from '../../types';
import { plural } from './format';
import { PERIODS } from './periods';

/** Selection of dead letters as the dialog shows it. An empty value means no condition. */
export interface RedriveChoice {
  readonly action: string;
  readonly tenant: string;
  /**
   * `value` of the item of `PERIODS` at whose beginning the selection starts: requests that ended later are selected.
   */
  readonly after: string;
  /**
   * `value` of the item of `PERIODS` at whose beginning the selection ends: requests that ended earlier are selected.
   */
  readonly before: string;
}

/** Returns the choice that selects the same dead letters as the list's filter in the page's address. */
export function choiceOf({ action = '', tenant = '', since = '' }: Readonly<Record<string, string>>): RedriveChoice {
  const after = PERIODS.some(({ value }) => value === since) ? since : '';
  return { action, tenant, after, before: '' };
}

/** Returns the filter for the console's server. The times of the filter are calculated back from `now`. */
export function filterOf({ action, tenant, after, before }: RedriveChoice, now: number): DeadLetterFilter {
  const [from, to] = [after, before].map((wanted) => PERIODS.find(({ value }) => value === wanted));
  return {
    ...(action !== '' && { action }),
    ...(tenant !== '' && { tenant }),
    ...(from && { from: now - from.ms }),
    ...(to && { to: now - to.ms }),
  };
}

/** Returns the reason why a choice cannot select any request, or undefined. */
export function choiceProblem(choice: RedriveChoice): string | undefined {
  const { from = 0, to = Number.POSITIVE_INFINITY } = filterOf(choice, Date.now());
  return from >= to ? 'The time of “Ended after” must be earlier than that of “Ended before”.' : undefined;
}

export const isRunning = ({ endedAt }: RedriveView): boolean => endedAt === undefined;

export function countText({ count }: DeadLetterCount): string {
  if (count === 0) return 'No dead letter matches.';
  return `${plural(count, 'dead letter')} ${count === 1 ? 'matches' : 'match'}.`;
}

/** Returns the text for the dead letters that a count does not list. */
export function othersText({ count, requests }: DeadLetterCount): string {
  const others = count - requests.length;
  return others > 0 ? `and ${plural(others, 'other')}` : '';
}

/** Returns the state of a redrive in a few words. */
export function stateText(redrive: RedriveView): string {
  if (isRunning(redrive)) return redrive.stopped ? 'Stopping …' : 'Redriving …';
  if (redrive.problem !== undefined) return 'The redrive ended with an error';
  return redrive.stopped ? 'The redrive was stopped' : 'The redrive has ended';
}

/** Returns the counts of a redrive in one line. */
export function resultText({ redriven, skipped, failed }: RedriveView): string {
  return `${redriven} redriven, ${skipped} skipped, ${failed} failed`;
}

/** Returns the text for the skipped and failed requests that a view does not list. */
export function otherProblemsText({ skipped, failed, problems }: RedriveView): string {
  const others = skipped + failed - problems.length;
  return others > 0 ? `and ${plural(others, 'other request')}` : '';
}
