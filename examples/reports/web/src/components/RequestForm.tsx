import { type FormEvent, type ReactNode, useState } from 'react';
import { DETAILS, FIRST_DAY, GROUPS, LAST_DAY, PERIODS } from '../../../report/range';
import type { ReportInput } from '../actions';
import { GROUP_TITLES } from '../format';

/** Pause in milliseconds after each step of the report, if the user wants to watch a slow run. */
const WATCHABLE_PACE = 150;

const DETAIL_TITLES = { summary: 'Summary', full: 'Full: a page for each group' };

const INITIAL = {
  startDate: FIRST_DAY,
  endDate: LAST_DAY,
  period: 'week',
  group: 'origin',
  detail: 'summary',
} as const;

export function RequestForm({ onStart }: { onStart: (input: ReportInput) => void }) {
  const [input, setInput] = useState<ReportInput>({ ...INITIAL, pace: WATCHABLE_PACE });
  const set = (change: Partial<ReportInput>) => setInput({ ...input, ...change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onStart(input);
  };
  return (
    <form className="card form" onSubmit={submit} aria-labelledby="form-title">
      <h2 id="form-title">New report</h2>
      <div className="pair">
        <DateField
          label="From"
          testId="start-date"
          value={input.startDate}
          max={input.endDate}
          onChange={(startDate) => set({ startDate })}
        />
        <DateField
          label="To"
          testId="end-date"
          value={input.endDate}
          min={input.startDate}
          onChange={(endDate) => set({ endDate })}
        />
      </div>
      <Choice
        label="Time step"
        testId="period"
        values={PERIODS}
        value={input.period}
        onChange={(period) => set({ period })}
      />
      <Choice
        label="Compare by"
        testId="group"
        values={GROUPS}
        titles={GROUP_TITLES}
        value={input.group}
        onChange={(group) => set({ group })}
      />
      <Choice
        label="Detail"
        testId="detail"
        values={DETAILS}
        titles={DETAIL_TITLES}
        value={input.detail}
        onChange={(detail) => set({ detail })}
      />
      <label className="check">
        <input
          type="checkbox"
          data-testid="pace"
          checked={input.pace !== 0}
          onChange={({ target }) => set({ pace: target.checked ? WATCHABLE_PACE : 0 })}
        />
        <span>
          Slow run <small>waits {WATCHABLE_PACE} ms after each step, so that you can watch the progress</small>
        </span>
      </label>
      <label className="check">
        <input
          type="checkbox"
          data-testid="ask"
          checked={input.ask === true}
          onChange={({ target }) => set({ ask: target.checked })}
        />
        <span>
          Ask me first <small>the report waits for your approval before it draws the pages</small>
        </span>
      </label>
      <button type="submit" className="primary" data-testid="start">
        Create the report
      </button>
    </form>
  );
}

interface DateFieldProps {
  label: string;
  testId: string;
  value: string;
  min?: string;
  max?: string;
  onChange: (day: string) => void;
}

function DateField({ label, testId, value, min = FIRST_DAY, max = LAST_DAY, onChange }: DateFieldProps) {
  return (
    <Field label={label}>
      <input
        type="date"
        required
        data-testid={testId}
        value={value}
        min={min}
        max={max}
        onChange={({ target }) => onChange(target.value)}
      />
    </Field>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  testId: string;
  values: readonly Value[];
  /** Labels of the values. @default - the values themselves */
  titles?: Record<Value, string>;
  value: Value | undefined;
  onChange: (value: Value) => void;
}

function Choice<Value extends string>({ label, testId, values, titles, value, onChange }: ChoiceProps<Value>) {
  return (
    <Field label={label}>
      <select data-testid={testId} value={value} onChange={({ target }) => onChange(target.value as Value)}>
        {values.map((each) => (
          <option key={each} value={each}>
            {titles?.[each] ?? each}
          </option>
        ))}
      </select>
    </Field>
  );
}

function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="field">
      <span>{label}</span>
      {children}
    </label>
  );
}
