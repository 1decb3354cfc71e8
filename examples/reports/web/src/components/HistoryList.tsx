import { type Entry, isFinished } from '../entry';
import { dateRange, questionText, timeOfDay, wholePercent } from '../format';

interface Props {
  entries: Entry[];
  shownId: string | undefined;
  onChoose: (id: string) => void;
  onRemove: (id: string) => void;
}

/** The requests of this browser, newest first. */
export function HistoryList({ entries, shownId, onChoose, onRemove }: Props) {
  if (entries.length === 0) return null;
  return (
    <section className="card history" aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <ul>
        {entries.map((entry) => (
          <li key={entry.id} data-testid="history-item" data-id={entry.id} data-status={entry.status}>
            <button
              type="button"
              className="row"
              aria-current={entry.id === shownId ? 'true' : undefined}
              onClick={() => onChoose(entry.id)}
            >
              <span className="when">{timeOfDay(entry.startedAt)}</span>
              <span className="what">
                {dateRange(entry.input)} <small>{questionText(entry.input)}</small>
              </span>
              <span className="status">{statusText(entry)}</span>
            </button>
            {isFinished(entry) && (
              <button
                type="button"
                className="remove"
                aria-label="Remove from the history"
                onClick={() => onRemove(entry.id)}
              >
                ×
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function statusText(entry: Entry): string {
  if (entry.result) return 'ready';
  if (entry.error) return entry.status === 'CANCELLED' ? 'stopped' : entry.error.code;
  return `${wholePercent(entry.percentage)} %`;
}
