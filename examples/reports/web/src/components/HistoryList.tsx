import { asks, type Entry, hasEnded } from '../entry';
import { dateRange, questionText, timeOfDay, wholePercent } from '../format';

interface Props {
  entries: Entry[];
  shownId: string | undefined;
  onChoose: (id: string) => void;
  onRemove: (id: string) => void;
  /** Address that opens the page on another device, as the same visitor. */
  deviceLink: string;
}

/** The requests of this user, the newest first: those of this browser, and those of other devices. */
export function HistoryList({ entries, shownId, onChoose, onRemove, deviceLink }: Props) {
  if (entries.length === 0) return null;
  return (
    <section className="card history" aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <ul>
        {entries.map((entry) => (
          <li
            key={entry.id}
            data-testid="history-item"
            data-id={entry.id}
            data-status={entry.status}
            data-asks={asks(entry)}
          >
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
            {hasEnded(entry) && (
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
      <p className="subtitle">
        <a href={deviceLink} target="_blank" rel="noreferrer" data-testid="device-link">
          Open on another device
        </a>
        : its history has these reports, too.
      </p>
    </section>
  );
}

function statusText(entry: Entry): string {
  if (entry.status === 'COMPLETED') return 'ready';
  if (entry.error) return entry.status === 'CANCELLED' ? 'stopped' : entry.error.code;
  return asks(entry) ? 'waits for you' : `${wholePercent(entry.percentage)} %`;
}
