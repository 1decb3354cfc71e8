import type { RequestView } from '../../../types';
import { api } from '../../api';
import { ActionButton } from '../../ui/ActionButton';

/**
 * The change that an operator can make to a request: cancel a request that has not ended, or redrive a request that has
 * ended without a result.
 */
export function Change({ request: { key, status } }: { readonly request: RequestView }) {
  if (status === 'COMPLETED') return null;
  const hasEnded = status === 'FAILED' || status === 'CANCELLED';
  const redrive = { label: 'Redrive', icon: 'repeat', title: 'Start the next run of this request' } as const;
  const cancel = { label: 'Cancel', icon: 'close', title: 'End this request' } as const;
  return hasEnded ? (
    <ActionButton key="redrive" {...redrive} run={() => api.redrive(key)} />
  ) : (
    <ActionButton key="cancel" {...cancel} run={() => api.cancel(key)} />
  );
}
