import type { Problem } from '../entry';
import { adviceFor, issuesOf, textOf } from '../problems';

/** An error with its code, its message and advice for the user. */
export function ErrorNote({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  const issues = issuesOf(problem);
  return (
    <div className="error" role="alert" data-testid="error">
      <p>
        <code data-testid="error-code">{problem.code}</code> {textOf(problem)}
      </p>
      {issues.length > 0 && (
        <ul>
          {issues.map((issue) => (
            <li key={issue}>{issue}</li>
          ))}
        </ul>
      )}
      <p className="advice">{adviceFor(problem)}</p>
      {onRetry && (
        <button type="button" className="quiet" data-testid="retry" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
