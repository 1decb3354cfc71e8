import { type ReactNode, useId } from 'react';

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly problem: string | undefined;
  /** Id of the element that contains suggestions. */
  readonly list?: string;
  /** Content next to the field. */
  readonly children?: ReactNode;
  onChange(value: string): void;
}

/** A field with one line. If it has a problem, the problem is shown below it. */
export function TextField({ label, value, problem, list, children, onChange }: TextFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <span className="field-row">
        <input
          id={id}
          type="text"
          list={list}
          autoComplete="off"
          spellCheck={false}
          value={value}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-problem`}
          onChange={(event) => onChange(event.target.value)}
        />
        {children}
      </span>
      <p className="field-problem" id={`${id}-problem`} aria-live="polite">
        {problem ?? ' '}
      </p>
    </div>
  );
}
