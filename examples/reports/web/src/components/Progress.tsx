import type { RequestStatus } from 'cdk-streamer-client';
import { wholePercent } from '../format';

interface Props {
  percentage: number;
  status: RequestStatus;
  finished: boolean;
  /** Whether the report waits for an answer from its user. */
  asking: boolean;
  /** Whether the shown progress may be outdated. */
  stale: boolean;
}

/** The progress bar with its number. Screen readers announce each quarter of the progress, and the question of a report. */
export function Progress({ percentage, status, finished, asking, stale }: Props) {
  const whole = wholePercent(percentage);
  return (
    <div className="progress" data-status={status} data-finished={finished} data-stale={stale}>
      <div
        className="track"
        role="progressbar"
        aria-label="Progress of the report"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={whole}
        data-testid="progress"
      >
        <div className="fill" style={{ width: `${percentage}%` }} />
      </div>
      <output className="percentage" data-testid="percentage" aria-live="off">
        {whole} %
      </output>
      <span className="unseen" aria-live="polite">
        {asking ? 'The report waits for your approval.' : announcement(whole, status, finished)}
      </span>
    </div>
  );
}

function announcement(whole: number, status: RequestStatus, finished: boolean): string {
  if (finished) return `The report is ${status.toLowerCase()}.`;
  return `${Math.floor(whole / 25) * 25} percent`;
}
