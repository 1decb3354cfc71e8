import { useState } from 'react';
import type { RedriveView } from '../../../types';
import { useData, useRoute } from '../../context';
import { choiceOf, isRunning, resultText } from '../../logic/redrive';
import { Dialog } from '../../ui/Dialog';
import { Icon } from '../../ui/Icon';
import { RedriveSelection } from './RedriveSelection';
import { RedriveState } from './RedriveState';

/** Opens the dialog that redrives many dead letters. While a redrive runs, the button shows its state. */
export function RedriveAll() {
  const { redrive } = useData();
  const [open, setOpen] = useState(false);
  const label = redrive && isRunning(redrive) ? `Redriving: ${resultText(redrive)}` : 'Redrive all …';
  return (
    <div className="toolbar">
      <button type="button" className="button" onClick={() => setOpen(true)} title="Start the next run of dead letters">
        <Icon name="repeat" />
        <span>{label}</span>
      </button>
      {open && <RedriveDialog latest={redrive} onClose={() => setOpen(false)} />}
    </div>
  );
}

interface RedriveDialogProps {
  /** The latest redrive of the run. */
  readonly latest: RedriveView | undefined;
  onClose(): void;
}

/**
 * Shows a redrive: the current one, or the one that the user started or chose. Otherwise it shows the form that selects
 * requests.
 */
function RedriveDialog({ latest, onClose }: RedriveDialogProps) {
  const { params } = useRoute();
  const [choice, setChoice] = useState(() => choiceOf(params));
  const [shown, setShown] = useState(latest && isRunning(latest) ? latest : undefined);
  return (
    <Dialog title="Redrive dead letters" onClose={onClose}>
      {shown ? (
        // the response to the start of a redrive may be newer than the run's data
        <RedriveState redrive={latest?.id === shown.id ? latest : shown} onBack={() => setShown(undefined)} />
      ) : (
        <RedriveSelection choice={choice} onChoice={setChoice} latest={latest} onShow={setShown} />
      )}
    </Dialog>
  );
}
