import { type ReactNode, useEffect, useState } from 'react';
import type { DeadLetterCount, RedriveView } from '../../../types';
import { api } from '../../api';
import { useLive, useRoute } from '../../context';
import { plural } from '../../logic/format';
import { PERIODS } from '../../logic/periods';
import { choiceProblem, countText, filterOf, othersText, type RedriveChoice, resultText } from '../../logic/redrive';
import { Select } from '../../ui/Choice';

interface RedriveSelectionProps {
  readonly choice: RedriveChoice;
  readonly latest: RedriveView | undefined;
  onChoice(choice: RedriveChoice): void;
  /** Shows the state of a redrive. */
  onShow(redrive: RedriveView): void;
}

/** A form that selects dead letters, lists them, and starts their redrive. */
export function RedriveSelection({ choice, latest, onChoice, onShow }: RedriveSelectionProps) {
  const { counted, problem } = useDeadLetters(choice);
  const [refused, setRefused] = useState('');
  const [busy, setBusy] = useState(false);
  const count = counted?.count ?? 0;
  const start = async () => {
    if (!counted) return;
    setBusy(true);
    setRefused('');
    await api.redriveAll(counted.filter).then(onShow, (error: Error) => setRefused(error.message));
    setBusy(false);
  };
  return (
    <>
      <Fields choice={choice} onChoice={onChoice} />
      {problem ? <p className="problem">{problem}</p> : <Counted counted={counted} />}
      {refused !== '' && (
        <p className="problem" role="alert">
          {refused}
        </p>
      )}
      <form method="dialog" className="form-actions">
        <button type="button" className="button primary" disabled={count === 0 || busy} onClick={start}>
          {count === 0 ? 'Redrive' : `Redrive ${plural(count, 'request')}`}
        </button>
        <button type="submit" className="button">
          Close
        </button>
        {latest && (
          <button type="button" className="button" onClick={() => onShow(latest)} title={resultText(latest)}>
            Show the last result
          </button>
        )}
      </form>
    </>
  );
}

/**
 * Counts the dead letters that a choice selects. When the choice changes, the count for the earlier choice is aborted.
 */
function useDeadLetters(choice: RedriveChoice): { readonly counted?: DeadLetterCount; readonly problem?: string } {
  const [state, setState] = useState<{ choice: RedriveChoice; counted?: DeadLetterCount; problem?: string }>();
  const invalid = choiceProblem(choice);
  useEffect(() => {
    if (invalid !== undefined) return;
    const { signal, ...stop } = abortable();
    api.countDeadLetters(filterOf(choice, Date.now()), signal).then(
      (counted) => setState({ choice, counted }),
      (error: Error) => signal.aborted || setState({ choice, problem: error.message }),
    );
    return stop.abort;
  }, [choice, invalid]);
  if (invalid !== undefined) return { problem: invalid };
  return state?.choice === choice ? state : {};
}

function abortable(): { readonly signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

function Fields({ choice, onChoice }: Pick<RedriveSelectionProps, 'choice' | 'onChoice'>) {
  const { requestsByKey } = useLive();
  const { q = '' } = useRoute().params;
  const values = (of: 'action' | 'tenant') => [...new Set([...requestsByKey.values()].map((each) => each[of]))].sort();
  const fieldOf = (name: keyof RedriveChoice) => ({
    value: choice[name],
    onChange: (value: string) => onChoice({ ...choice, [name]: value }),
  });
  const times = { options: PERIODS.map(({ value }) => value), labels: new Map(PERIODS.map((p) => [p.value, p.ago])) };
  return (
    <>
      <div className="fields">
        <Field label="Action">
          <Select label="Action" all="All actions" options={values('action')} {...fieldOf('action')} />
        </Field>
        <Field label="Tenant">
          <Select label="Tenant" all="All tenants" options={values('tenant')} {...fieldOf('tenant')} />
        </Field>
        <Field label="Ended after">
          <Select label="Ended after" all="Any time" {...times} {...fieldOf('after')} />
        </Field>
        <Field label="Ended before">
          <Select label="Ended before" all="Now" {...times} {...fieldOf('before')} />
        </Field>
      </div>
      {q !== '' && <p className="hint">The text “{q}” filters the list only. It does not apply to the redrive.</p>}
    </>
  );
}

/** A field with a visible label. Screen readers ignore this label, because the field itself has the same label. */
function Field({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="field">
      <span className="field-name" aria-hidden="true">
        {label}
      </span>
      {children}
    </div>
  );
}

/** The dead letters that a redrive would start again. */
function Counted({ counted }: { readonly counted: DeadLetterCount | undefined }) {
  return (
    <div className="stack" aria-busy={counted === undefined}>
      <p role="status">{counted ? countText(counted) : 'Counting …'}</p>
      {counted && counted.count > 0 && (
        <ul className="named-requests" aria-label="Dead letters that match">
          {counted.requests.map(({ key, id, action, tenant, user }) => (
            <li key={key}>
              <strong>{action}</strong> <code>{id}</code> {user} <span className="hint">{tenant}</span>
            </li>
          ))}
          {othersText(counted) !== '' && <li className="hint">{othersText(counted)}</li>}
        </ul>
      )}
      {counted && counted.count > 0 && (
        <p className="hint">Each request keeps its id, input, log and viewers, and its attempts begin again.</p>
      )}
    </div>
  );
}
