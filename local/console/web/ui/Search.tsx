import { useRef } from 'react';
import { useKeys } from '../hooks';

interface SearchProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
}

/** Text filter of the view. The key `/` moves the focus to it. */
export function Search({ label, value, onChange }: SearchProps) {
  const input = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => input.current?.focus() });
  return (
    <span className="search">
      <input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <kbd>/</kbd>
    </span>
  );
}
