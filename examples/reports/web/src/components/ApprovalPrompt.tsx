import type { Approval } from '../entry';
import { timeOfDay } from '../format';

interface Props {
  approval: Approval;
  /** Whether this page has sent an answer that the report has not read yet. */
  answering: boolean;
  onAnswer: (approved: boolean) => void;
}

/** The question of a report that waits for an answer. Each device of the user shows it, and the first answer counts. */
export function ApprovalPrompt({ approval: { flights, groups, until }, answering, onAnswer }: Props) {
  return (
    <section className="ask" aria-labelledby="ask-title" aria-describedby="ask-text" data-testid="approval">
      <h3 id="ask-title">Draw this report?</h3>
      <p id="ask-text">
        It compares {flights.toLocaleString('en-US')} flights in {groups.toLocaleString('en-US')}{' '}
        {groups === 1 ? 'group' : 'groups'}. Without an answer, it ends at {timeOfDay(until)}.
      </p>
      <div className="answers">
        <button
          type="button"
          className="primary"
          data-testid="approve"
          disabled={answering}
          onClick={() => onAnswer(true)}
        >
          Approve
        </button>
        <button
          type="button"
          className="quiet"
          data-testid="reject"
          disabled={answering}
          onClick={() => onAnswer(false)}
        >
          Reject
        </button>
        {answering && <span className="subtitle">Sending your answer…</span>}
      </div>
    </section>
  );
}
