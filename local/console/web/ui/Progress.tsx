import type { RequestView } from '../../types';

/** Progress of a request. The element has the same width for all values. */
export function Progress({ request, large = false }: { readonly request: RequestView; readonly large?: boolean }) {
  const { status, progress } = request;
  const percentage = progress?.percentage;
  const known = percentage !== undefined;
  return (
    <span className={large ? 'progress large' : 'progress'} data-status={status}>
      <span
        className="track"
        role="progressbar"
        aria-label={`Progress of ${request.id}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={known ? Math.round(percentage) : undefined}
      >
        <span
          className={known || status !== 'RUNNING' ? 'fill' : 'fill unknown'}
          style={known ? { width: `${percentage}%` } : undefined}
        />
      </span>
      <span className="percentage">{known ? `${Math.floor(percentage)} %` : ''}</span>
    </span>
  );
}
