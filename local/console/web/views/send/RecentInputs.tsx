import { useEffect, useRef } from 'react';
import { api } from '../../api';
import { useData } from '../../context';
import { useLoaded, useSettled } from '../../hooks';
import { type MessageForm, NO_INPUT } from '../../logic/message';

const TYPING_MS = 250;
const MAX_LABEL = 70;

interface RecentInputsProps {
  readonly form: MessageForm;
  onChange(change: Partial<MessageForm>): void;
}

/** Shows recent inputs of the action. The latest one fills a form that the user has not edited. */
export function RecentInputs({ form: { action, input }, onChange }: RecentInputsProps) {
  const { samples } = useData();
  const settled = useSettled(action.trim(), TYPING_MS);
  const load = async () => (settled === '' ? { inputs: [] } : await api.inputs(settled));
  const { value } = useLoaded(load, `inputs ${settled}`, samples);
  const texts = (value?.inputs ?? []).map((recent) => JSON.stringify(recent, undefined, 2));
  const [latest] = texts;
  const filled = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (latest === undefined || filled.current === settled) return;
    filled.current = settled;
    if (input === NO_INPUT) onChange({ input: latest });
  }, [latest, settled, input, onChange]);
  if (texts.length === 0) return null;
  return (
    <div className="field">
      <select aria-label="Sent lately" value="" onChange={(event) => onChange({ input: event.target.value })}>
        <option value="">Sent lately …</option>
        {texts.map((text) => (
          <option key={text} value={text}>
            {text.replace(/\s+/g, ' ').slice(0, MAX_LABEL)}
          </option>
        ))}
      </select>
    </div>
  );
}
