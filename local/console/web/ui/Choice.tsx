interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string; readonly count?: number }[];
  onChange(value: T): void;
}

/** A choice between a few options, which are all visible. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <fieldset className="choice">
      <legend className="unseen">{label}</legend>
      {options.map((option) => (
        <button
          type="button"
          key={option.value}
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
          {option.count !== undefined && <span className="count">{option.count}</span>}
        </button>
      ))}
    </fieldset>
  );
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly all: string;
  readonly options: readonly string[];
  /** Labels by value. @default - the values */
  readonly labels?: ReadonlyMap<string, string>;
  onChange(value: string): void;
}

/** A choice between many options in a drop-down list. The empty value means all options. */
export function Select({ label, value, all, options, labels, onChange }: SelectProps) {
  const listed = value === '' || options.includes(value) ? options : [value, ...options];
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{all}</option>
      {listed.map((option) => (
        <option key={option} value={option}>
          {labels?.get(option) ?? option}
        </option>
      ))}
    </select>
  );
}
