import type { RequestStatus } from '../../types';

const LABELS: Record<RequestStatus, string> = {
  PENDING: 'Pending',
  WAITING: 'Waiting',
  RUNNING: 'Running',
  COMPLETED: 'Completed',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

/** Shows a status as a colored word. */
export function Status({ status }: { readonly status: RequestStatus }) {
  return (
    <span className="status" data-status={status}>
      {LABELS[status]}
    </span>
  );
}
