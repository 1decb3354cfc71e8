import { useEffect, useRef } from 'react';
import type { Json } from '../../../types';
import { api } from '../../api';
import { useData } from '../../context';
import { useLoaded, useSettled } from '../../hooks';
import { type MessageForm, NO_INPUT } from '../../logic/message';

const TYPING_MS = 250;
const MAX_LABEL = 70;
const TITLE = 'Example and recent inputs';

export interface InputChoiceProps {
  readonly form: MessageForm;
  onChange(change: Partial<MessageForm>): void;
  /** Sets the input if the current input is one of `unedited`. */
  onFill(unedited: readonly string[], input: string): void;
}

/**
 * Shows recent inputs of the action, and an example that its schema accepts. The first of these inputs fills a form
 * that the user has not edited.
 */
export function InputChoice({ form: { action }, onChange, onFill }: InputChoiceProps) {
  const settled = useSettled(action.trim(), TYPING_MS);
  const { recent, example, reason } = useInputs(settled);
  const first = recent && (recent[0] ?? example);
  const filled = useRef<{ readonly action?: string; readonly text?: string }>({});
  useEffect(() => {
    if (first === undefined || filled.current.action === settled) return;
    const { text = NO_INPUT } = filled.current;
    onFill([NO_INPUT, text], first);
    filled.current = { action: settled, text: first };
  }, [first, settled, onFill]);
  const options = [
    ...(example === undefined ? [] : [{ text: example, label: `Example: ${labelOf(example)}` }]),
    ...(recent ?? []).map((text) => ({ text, label: labelOf(text) })),
  ];
  return (
    <>
      {options.length > 0 && (
        <div className="field">
          <select aria-label={TITLE} value="" onChange={(event) => onChange({ input: event.target.value })}>
            <option value="">{TITLE} …</option>
            {options.map(({ text, label }) => (
              <option key={label} value={text}>
                {label}
              </option>
            ))}
          </select>
        </div>
      )}
      {reason !== undefined && <p className="hint">No example input: {reason}</p>}
    </>
  );
}

/**
 * Loads recent inputs and the example. When the window gets the focus, the example is loaded again, because the user
 * may have changed the schema in an editor.
 */
function useInputs(action: string) {
  const { samples } = useData();
  const none = action === '';
  const recent = useLoaded(async () => (none ? { inputs: [] } : await api.inputs(action)), `inputs ${action}`, samples);
  const example = useLoaded(async () => (none ? {} : await api.example(action)), `example ${action}`);
  const { reload } = example;
  useEffect(() => {
    window.addEventListener('focus', reload);
    return () => window.removeEventListener('focus', reload);
  }, [reload]);
  const { input, reason } = example.value ?? {};
  return { recent: recent.value?.inputs.map(textOf), example: input === undefined ? undefined : textOf(input), reason };
}

const textOf = (input: Json): string => JSON.stringify(input, undefined, 2);
const labelOf = (text: string): string => text.replace(/\s+/g, ' ').slice(0, MAX_LABEL);
