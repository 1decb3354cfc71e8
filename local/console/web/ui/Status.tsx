import type { RequestStatus } from '../../types';

const LABELS: Record<RequestStatus, string> = {
  PENDING: 'Pending',
  WAITING: 'Waiting',
  RUNNING: 'Running',
  COMPLETED: 'Completed',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

/** Shows the status as a word and a colour. */
export function Status({ status }: { readonly status: RequestStatus }) {
  return (
    <span className="status" data-status={status}>
      {LABELS[status]}
    </span>
  );
}
