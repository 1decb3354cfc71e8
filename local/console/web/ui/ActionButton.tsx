import { useState } from 'react';
import { Icon } from './Icon';

interface ActionButtonProps {
  readonly label: string;
  readonly icon: 'close' | 'repeat' | 'play';
  readonly title: string;
  readonly run: () => Promise<unknown>;
}

/** A button that calls the console's server. The error of a failed call is shown next to the button. */
export function ActionButton({ label, icon, title, run }: ActionButtonProps) {
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
        <Icon name={icon} />
        <span>{label}</span>
      </button>
      {problem !== '' && <span className="problem-text">{problem}</span>}
    </>
  );
}
