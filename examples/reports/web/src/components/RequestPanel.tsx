import { asks, type Entry, isFinished, type Problem, type Section } from '../entry';
import { dateRange, duration, fileSize, questionText } from '../format';
import { ApprovalPrompt } from './ApprovalPrompt';
import { ErrorNote } from './ErrorNote';
import { Progress } from './Progress';

interface Props {
  entry: Entry | undefined;
  /** Reason why this page no longer waits for the request. */
  interrupted: Problem | undefined;
  /** Whether the panel waits for a connection and shows the last known state. */
  waiting: boolean;
  /** Whether the server was asked to stop the request. */
  stopping: boolean;
  onRetry: () => void;
  onStop: () => void;
  /** Whether this page has sent an answer to the report's question. */
  answering: boolean;
  onAnswer: (approved: boolean) => void;
}

/** One request and its current progress. */
export function RequestPanel({ entry, interrupted, waiting, onRetry, ...props }: Props) {
  const { stopping, onStop, answering, onAnswer } = props;
  if (!entry) return <Empty />;
  const isStale = waiting && !isFinished(entry);
  return (
    <section className="card panel" aria-labelledby="panel-title" data-testid="current" data-id={entry.id}>
      <header className="panel-head">
        <div>
          <h2 id="panel-title">{dateRange(entry.input)}</h2>
          <p className="subtitle">{questionText(entry.input)}</p>
        </div>
        {entry.attempt > 1 && (
          <span
            className="badge"
            data-testid="attempt"
            title="An earlier attempt did not finish, so the work started again."
          >
            attempt {entry.attempt}
          </span>
        )}
      </header>
      <Progress
        percentage={entry.percentage}
        status={entry.status}
        finished={isFinished(entry)}
        asking={asks(entry)}
        stale={isStale}
      />
      <p className="message" data-testid="message">
        {isStale ? 'Waiting for the connection. The server continues the report.' : messageOf(entry)}
      </p>
      {entry.approval && asks(entry) && (
        <ApprovalPrompt approval={entry.approval} answering={answering} onAnswer={onAnswer} />
      )}
      {!isFinished(entry) && (
        <button type="button" className="stop" data-testid="stop" disabled={stopping} onClick={onStop}>
          {stopping ? 'Stopping…' : 'Stop'}
        </button>
      )}
      {entry.error && entry.status !== 'CANCELLED' && <ErrorNote problem={entry.error} />}
      {interrupted && !isFinished(entry) && <ErrorNote problem={interrupted} onRetry={onRetry} />}
      {entry.result && <Download entry={entry} />}
      <SectionLog sections={entry.sections} />
    </section>
  );
}

function messageOf({ message, status, result, error, startedAt, finishedAt, epoch }: Entry): string {
  const after = finishedAt && duration(finishedAt - startedAt);
  if (result) return after ? `Finished in ${after}.` : 'Finished.';
  if (status === 'CANCELLED' && error) return after ? `Stopped after ${after}.` : 'Stopped.';
  if (error) return 'Ended with an error.';
  return message ?? (epoch === undefined ? 'Sending the request…' : 'Accepted, waiting for its turn…');
}

function Download({ entry: { result } }: { entry: Entry }) {
  if (!result) return null;
  return (
    <div className="done">
      <a className="primary" href={result.url} download data-testid="download" target="_blank" rel="noreferrer">
        Download the PDF
      </a>
      <p className="subtitle">
        {result.pages} pages, {fileSize(result.size)}, {result.rows.toLocaleString('en-US')} flights. The link is valid
        for an hour.
      </p>
    </div>
  );
}

function SectionLog({ sections }: { sections: Section[] }) {
  if (sections.length === 0) return null;
  return (
    <ol className="sections" aria-label="Finished pages">
      {[...sections].reverse().map(({ page, pages, title }) => (
        <li key={page} data-testid="section">
          <span className="tick" aria-hidden="true" />
          {title}
          <small>
            {page} of {pages}
          </small>
        </li>
      ))}
    </ol>
  );
}

function Empty() {
  return (
    <section className="card panel empty">
      <h2>No report yet</h2>
      <p className="subtitle">Choose the dates and press the button. You will see each step here as it happens.</p>
    </section>
  );
}
