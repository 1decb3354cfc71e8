import { useState } from 'react';
import type { RequestView } from '../../../types';
import { api } from '../../api';
import { Icon } from '../../ui/Icon';

/** The change that an operator can make to a request: cancel one that has not ended, redrive one that has ended without a result. */
export function Change({ request: { key, status } }: { readonly request: RequestView }) {
  if (status === 'COMPLETED') return null;
  const hasEnded = status === 'FAILED' || status === 'CANCELLED';
  return hasEnded ? (
    <Button key="redrive" label="Redrive" title="Start the next run of this request" run={() => api.redrive(key)} />
  ) : (
    <Button key="cancel" label="Cancel" title="End this request" run={() => api.cancel(key)} />
  );
}

interface ButtonProps {
  readonly label: 'Redrive' | 'Cancel';
  readonly title: string;
  readonly run: () => Promise<object>;
}

function Button({ label, title, run }: ButtonProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const press = async () => {
    setBusy(true);
    setProblem('');
    await run().catch((error: Error) => setProblem(error.message));
    setBusy(false);
  };
  return (
    <>
      <button type="button" className="button" disabled={busy} onClick={press} title={title}>
        <Icon name={label === 'Cancel' ? 'close' : 'repeat'} />
        <span>{label}</span>
      </button>
      {problem !== '' && <span className="problem-text">{problem}</span>}
    </>
  );
}
